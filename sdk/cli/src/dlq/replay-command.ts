import type { IngestDoor, Letter, ReplayOutcome } from '@vantio/functions/cloud';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { readIngestDoor } from '../cloud/ingest-door.ts';
import { gather } from '../commands/option-types.ts';
import { EXIT } from '../exit-codes.ts';
import { plural } from '../terminal/quantities.ts';
import { createScreen } from '../terminal/screen.ts';
import {
  filterOf,
  interrupted,
  type LetterOptions,
  requirePath,
  toldByPubSub,
  withLetterOptions,
} from './letter-options.ts';
import { letterJson, letterLine } from './render-letter.ts';

type Options = LetterOptions & {
  readonly topic: string;
  readonly id: readonly string[];
  readonly all?: true;
  readonly keyFile?: string;
  readonly ingestUrl?: string;
};

export const replayLettersCommand = (): Command =>
  withLetterOptions(
    new Command('replay')
      .summary('send dead letters to the writer again')
      .description(
        "Publishes the bytes of dead letters to the ledger's topic again, each as it was, and takes a letter from the\n" +
          'subscription only when the topic has it. What the ledger holds already stays as it is. A letter that fails again\n' +
          'comes back with its reason.',
      )
      .requiredOption('--topic <path>', "projects/P/topics/T, the ledger's")
      .option('--id <message id>', 'only this one (repeatable)', gather, [])
      .option('--all', 'all of them')
      .option('--key-file <file>', "the control plane's API key, to have it recorded in the ledger")
      .option('--ingest-url <url>', 'where ingest is; with --key-file'),
  )
    .addHelpText(
      'after',
      `
Say which: --id, --reason, --tenant, or --all. dlq list with the same words shows what would be sent.

Exit codes: 0 each that was meant is on its way; 1 some came back, were not taken, or are not there, or what was done could
not be recorded; 2 bad arguments, or Pub/Sub failed.

Examples:
  $ vantio dlq replay --subscription projects/p/subscriptions/vantio-dead-letter --topic projects/p/topics/vantio-ledger --all
  $ vantio dlq replay --subscription projects/p/subscriptions/vantio-dead-letter --topic projects/p/topics/vantio-ledger \\
      --reason unknown_signer --key-file control.key --ingest-url https://vantio.example.com`,
    )
    .action(replay);

async function replay(options: Options): Promise<void> {
  const filter = filterOf(options);
  requirePath('--subscription', 'subscriptions', options.subscription);
  requirePath('--topic', 'topics', options.topic);
  requireSelection(options);
  const recorder = readIngestDoor(options);
  const { openSubscriber, openTopic, replayLetters } = await import('@vantio/functions/cloud');
  const subscriber = await openSubscriber(options.subscription);
  const topic = await openTopic(options.topic);
  const outcomes: ReplayOutcome[] = [];
  const { id } = options;
  try {
    const more = await replayLetters({
      subscriber,
      filter: id.length === 0 ? filter : { ...filter, messageIds: new Set(id) },
      limit: options.limit,
      signal: interrupted(),
      publish: (data) => topic.publishMessage({ data }),
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    for (const missing of id.filter((wanted) => !outcomes.some(isOf(wanted)))) {
      process.stderr.write(`vantio: no dead letter ${missing} is to be had here now.\n`);
      process.exitCode = EXIT.wrong;
    }
    const recorded = await record(recorder, lettersOf(outcomes, 'replayed'));
    say(options, outcomes, more, recorded);
  } catch (error) {
    const sent = plural(lettersOf(outcomes, 'replayed').length, 'dead letter');
    throw toldByPubSub(error, `after ${sent} the replay broke off, and may be run again`);
  } finally {
    await Promise.all([subscriber.close(), topic.pubsub.close()]);
  }
}

function requireSelection({ id, reason, tenant, all }: Options): void {
  if (!id.every((messageId) => /^[A-Za-z0-9._:/@+-]{1,128}$/.test(messageId)))
    throw new CliError('--id wants a message id, as vantio dlq list prints it.');
  const narrowed = id.length > 0 || reason !== undefined || tenant !== undefined;
  if (!narrowed && !all)
    throw new CliError('say which dead letters are meant: --id, --reason, --tenant, or --all.');
  if (narrowed && all) throw new CliError('--all stands alone; leave out what narrows it.');
}

const isOf =
  (messageId: string) =>
  ({ letter }: ReplayOutcome): boolean =>
    letter.messageId === messageId;

const lettersOf = (
  outcomes: readonly ReplayOutcome[],
  wanted: ReplayOutcome['kind'],
): readonly Letter[] => outcomes.filter(({ kind }) => kind === wanted).map(({ letter }) => letter);

/** @returns undefined when that was not asked for; otherwise whether it was done. */
async function record(
  recorder: IngestDoor | undefined,
  letters: readonly Letter[],
): Promise<boolean | undefined> {
  if (recorder === undefined) return undefined;
  if (letters.length === 0) return true;
  const { NotRecordedError, recordReplays } = await import('@vantio/functions/cloud');
  try {
    await recordReplays({ ...recorder, letters });
    return true;
  } catch (error) {
    if (!(error instanceof NotRecordedError)) throw error;
    process.stderr.write(`vantio: the replay is not recorded in the ledger: ${error.message}.\n`);
    return false;
  }
}

function say(
  { json }: Options,
  outcomes: readonly ReplayOutcome[],
  more: boolean,
  recorded: boolean | undefined,
): void {
  const [replayed, refused, returned] = (['replayed', 'refused', 'returned'] as const).map((kind) =>
    lettersOf(outcomes, kind),
  ) as [readonly Letter[], readonly Letter[], readonly Letter[]];
  if (refused.length > 0 || returned.length > 0 || recorded === false)
    process.exitCode = EXIT.wrong;
  if (json) {
    const document = {
      replayed: replayed.map(letterJson),
      refused: refused.map(letterJson),
      returned: returned.map(letterJson),
      more,
      ...(recorded === undefined ? {} : { recorded }),
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const screen = createScreen(process.stdout);
  const now = Date.now();
  const tell = (word: string, letters: readonly Letter[]): void => {
    for (const letter of letters)
      process.stdout.write(`${word}  ${letterLine(letter, screen, now)}\n`);
  };
  tell('sent again', replayed);
  tell('not taken', refused);
  tell('came back', returned);
  const rest = more ? '; the limit was reached, more may wait' : '';
  process.stdout.write(
    `${plural(replayed.length, 'dead letter')} sent again, ${refused.length} not taken, ${returned.length} came back${rest}\n`,
  );
}
