import type { LetterFilter } from '@vantio/functions/cloud';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { wholeNumber } from '../commands/option-types.ts';

/** What both commands take. */
export type LetterOptions = {
  readonly subscription: string;
  readonly reason?: string;
  readonly tenant?: string;
  readonly limit: number;
  readonly json?: true;
};

const MAX_LETTERS = 10_000;

export const withLetterOptions = (command: Command): Command =>
  command
    .requiredOption('--subscription <path>', 'projects/P/subscriptions/S, where dead letters wait')
    .option('--reason <code>', 'only those with this reason')
    .option('--tenant <name>', 'only those that say they are of this tenant')
    .option(
      '--limit <n>',
      'letters to look at, at most',
      wholeNumber('--limit', 1, MAX_LETTERS),
      1000,
    )
    .option('--json', 'print one JSON document');

/** @throws {CliError} one sentence for what is not of its form, before anything is asked of Pub/Sub. */
export function filterOf({ reason, tenant }: LetterOptions): LetterFilter {
  if (reason !== undefined && !/^[a-z0-9_.-]{1,64}$/.test(reason))
    throw new CliError('--reason wants a code such as unknown_signer; vantio dlq list shows them.');
  if (tenant !== undefined && !/^[a-z0-9][a-z0-9_-]{0,62}$/.test(tenant))
    throw new CliError(
      '--tenant wants 1 to 63 characters of a-z, 0-9, _ and -, and no _ or - at the start.',
    );
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(tenant === undefined ? {} : { tenantId: tenant }),
  };
}

export function requirePath(option: string, kind: string, path: string): void {
  if (!new RegExp(`^projects/[^/]+/${kind}/[^/]+$`).test(path))
    throw new CliError(`${option} wants projects/PROJECT/${kind}/NAME.`);
}

/** Aborted by Ctrl-C, so that letters can be given back first; a second one ends the process as usual. */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

const WORDS: Readonly<Record<number, string>> = {
  5: 'there is none of that name',
  7: 'you have no right to it',
  14: 'Pub/Sub cannot be reached',
  16: 'there are no credentials; run gcloud auth application-default login',
};

/** Pub/Sub's own words may hold what was sent; its code says enough. */
export function toldByPubSub(error: unknown, what: string): unknown {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code === 'number')
    return new CliError(`${what}: ${WORDS[code] ?? `gRPC code ${code}`}.`);
  if (message.includes('default credentials')) return new CliError(`${what}: ${WORDS[16]}.`);
  return error;
}
