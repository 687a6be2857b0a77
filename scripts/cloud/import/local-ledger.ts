import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitment, type Disclosure, type SealedRecord } from '@vantio/schema';
import { createEmitter, ndjson } from '../../../functions/dist/testing/emitter.js';
import { ledgerFiles } from '../../../functions/dist/testing/ledger.js';
import { createHouse, post } from '../../../functions/dist/testing/local.js';

export type TestContext = Parameters<typeof createHouse>[0];

export type LocalLedger = {
  readonly directory: string;
  /** The active file. */
  readonly file: string;
  /** Every ledger file: each inner list is one writer's, in order. */
  readonly chains: readonly (readonly string[])[];
  /** One API key a file. */
  readonly acme: string;
  readonly globex: string;
  readonly control: string;
};

/** A value that a path could have: with what CSV has to escape, and what JSON does. */
const VALUES = [
  'support, "triage"',
  'line\nbreak\r\nand more',
  ' spaces ',
  'naïve → \u{1f50d}',
  '\\N',
  'x',
];

const disclosed = (value: string): Disclosure => ({
  field: 'agent_name',
  salt: randomBytes(32).toString('hex'),
  value,
});

/** Events of named agents; each third one discloses its name. */
export function agents(
  { event }: ReturnType<typeof createEmitter>,
  count: number,
): readonly SealedRecord[] {
  return Array.from({ length: count }, (_, at) => {
    if (at % 3 !== 0) return event();
    const disclosure = disclosed(VALUES[(at / 3) % VALUES.length] ?? '');
    return event({ agent_name_commit: commitment(disclosure) }, [disclosure]);
  });
}

/**
 * A ledger as local mode leaves it, by the real server: two tenants, disclosures, rotated files, and a second writer that
 * took a batch which the first had taken.
 */
export async function makeLocalLedger(test: TestContext, events = 40): Promise<LocalLedger> {
  const house = createHouse(test);
  const first = await house.start({ maxSegmentBytes: 24_000 });
  const second = await house.start({ maxSegmentBytes: 24_000 });
  const [acmeKey, globexKey] = [house.key('acme'), house.key('globex')];
  const acme = createEmitter(acmeKey);
  const globex = createEmitter(globexKey);
  const retried = [acme.start(), ...agents(acme, events)];
  const batches: readonly (readonly [string, string, readonly SealedRecord[]])[] = [
    [first.url, acmeKey, retried],
    [first.url, globexKey, [globex.start(), ...agents(globex, events)]],
    // As after a lost answer and a change of servers: stored twice (functions/README.md).
    [second.url, acmeKey, retried],
    [first.url, acmeKey, agents(acme, events)],
    [second.url, globexKey, agents(globex, events)],
    [first.url, acmeKey, [acme.seal({ event_type: 'session_end', end_reason: 'exit' })]],
  ];
  for (const [url, key, records] of batches) {
    const { status } = await post(url, key, ndjson(records));
    if (status !== 202) throw new Error(`the local server answered ${status}`);
  }
  await second.close();
  await first.close();
  return {
    directory: house.directory,
    file: house.ledger,
    chains: [ledgerFiles(house.ledger), [second.ledgerFile]],
    acme: keyFileOf(house.directory, 'acme', acmeKey),
    globex: keyFileOf(house.directory, 'globex', globexKey),
    control: keyFileOf(house.directory, 'vantio', house.controlKey()),
  };
}

export function keyFileOf(directory: string, tenant: string, key: string): string {
  const path = join(directory, `${tenant}.key`);
  writeFileSync(path, `${key}\n`);
  return path;
}

export const keysOf = ({ acme, globex, control }: LocalLedger): readonly string[] =>
  [acme, globex, control].flatMap((file) => ['--key-file', file]);

export const textOf = (files: readonly string[]): string =>
  files.map((file) => readFileSync(file, 'utf8')).join('');

/** Lines of the disclosures files beside ledger files. */
export const disclosuresOf = (files: readonly string[]): readonly string[] =>
  files
    .map((file) => file.replace(/\.ndjson$/, '.disclosures.ndjson'))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1));
