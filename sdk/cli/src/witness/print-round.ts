import { createScreen } from '../terminal/screen.ts';
import type { Round } from './watch-log.ts';

type Printed = Round & { readonly file?: string };

/** Prints what came of each look: what happened, on standard output; what is amiss, on standard error, once while it lasts. */
export function createRoundPrinter({
  origin,
  json,
}: {
  readonly origin: string;
  readonly json: boolean;
}) {
  const { safe } = createScreen(process.stdout);
  let amiss = '';
  let heard = -1;
  return (round: Printed): void => {
    const says = 'says' in round ? round.says : '';
    const isNew = round.outcome === 'held' ? round.size !== heard : says === '' || says !== amiss;
    amiss = says;
    if ('size' in round) heard = round.size;
    if (!isNew) return;
    if (json) process.stdout.write(`${JSON.stringify(documentOf(origin, round))}\n`);
    else if (says !== '') process.stderr.write(`vantio: ${safe(says)}\n`);
    else if ('root' in round)
      process.stdout.write(`${WORDS[round.outcome]} ${safe(origin)} size ${round.size}\n`);
  };
}

const WORDS = { cosigned: 'cosigned', held: 'good, and cosigned before:' } as const;

function documentOf(
  origin: string,
  { outcome, ...rest }: Printed,
): Readonly<Record<string, unknown>> {
  if (!('alarm' in rest)) return { event: outcome, origin, ...rest };
  const { kind, says } = rest.alarm;
  return { event: 'alarm', kind, origin, says, file: rest.file };
}
