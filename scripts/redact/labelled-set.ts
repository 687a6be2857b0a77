import { readFileSync } from 'node:fs';
import type { Entity } from '@vantio/schema/redact/entity';
import { createRandom, type Random } from '../../functions/src/testing/seeded-random.ts';
import { HARD_NEGATIVES, madeNegatives } from './hard-negatives.ts';
import { fill, type LabelledText } from './labelled-text.ts';
import { secretMakers } from './secret-values.ts';
import { CUED, NEUTRAL } from './templates.ts';

const SEED = 20261125;
const SECRETS_EACH = 60;
const MADE_NEGATIVES = 640;

/** The same texts each time: values of others in our templates, keys, and what only looks like values. */
export function labelledSet(): LabelledText[] {
  const random = createRandom(SEED);
  return [
    ...ofValues(random),
    ...ofSecrets(random),
    ...ofBirths(random),
    ...ofPassports(random),
    ...ofNothing(random),
  ];
}

function ofValues(random: Random): LabelledText[] {
  const path = new URL('../../sdk/vectors/redact/values.json', import.meta.url);
  const values = JSON.parse(readFileSync(path, 'utf8')) as Record<Entity, readonly string[]>;
  return (Object.entries(values) as [Entity, readonly string[]][]).flatMap(([entity, list]) =>
    list.map((value, at) =>
      fill(random.pick(CUED[entity] ?? NEUTRAL), entity, written(entity, value, at)),
    ),
  );
}

/** Every other card and IBAN in groups, as people write them. */
function written(entity: Entity, value: string, at: number): string {
  if (at % 2 === 0 || (entity !== 'payment_card' && entity !== 'iban')) return value;
  if (entity === 'payment_card' && value.length !== 16) return value;
  return value.replace(/(.{4})(?=.)/g, `$1${entity === 'iban' || at % 3 === 0 ? ' ' : '-'}`);
}

function ofSecrets(random: Random): LabelledText[] {
  return (Object.entries(secretMakers(random)) as [Entity, () => string][]).flatMap(
    ([entity, make]) =>
      Array.from({ length: SECRETS_EACH }, () =>
        fill(random.pick(CUED[entity] ?? NEUTRAL), entity, make()),
      ),
  );
}

const MONTHS = ['March', 'July', 'Mai', 'janvier', 'Oktober', 'agosto', 'December'] as const;

function ofBirths(random: Random): LabelledText[] {
  const two = (number: number): string => String(number).padStart(2, '0');
  return Array.from({ length: SECRETS_EACH }, () => {
    const [year, month, day] = [
      1930 + random.below(80),
      two(1 + random.below(12)),
      two(1 + random.below(28)),
    ];
    const written = random.pick([
      `${year}-${month}-${day}`,
      `${day}/${month}/${year}`,
      `${day}.${month}.${year}`,
      `${Number(day)} ${random.pick(MONTHS)} ${year}`,
      `March ${Number(day)}, ${year}`,
    ]);
    return fill(random.pick(CUED.date_of_birth ?? NEUTRAL), 'date_of_birth', written);
  });
}

function ofPassports(random: Random): LabelledText[] {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => random.below(10)).join('');
  return Array.from({ length: SECRETS_EACH }, () => {
    const number = random.pick([
      digits(9),
      `C0${digits(1)}X${digits(5)}`,
      `AB${digits(7)}`,
      `X${digits(8)}`,
      `${digits(2)}AV${digits(5)}`,
    ]);
    return fill(random.pick(CUED.passport ?? NEUTRAL), 'passport', number);
  });
}

function ofNothing(random: Random): LabelledText[] {
  return [...HARD_NEGATIVES, ...madeNegatives(random, MADE_NEGATIVES)].map((text) => ({
    text,
    spans: [],
  }));
}
