import { parseLedgerLine } from '@vantio/schema/ledger-line';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { type LedgerFile, ledgerFamily } from '../ledger/ledger-family.ts';
import { readRecord } from '../show/collect-traces.ts';
import { followFile } from '../tail/follow-file.ts';
import { lastLines } from '../tail/last-lines.ts';
import { renderLine } from '../tail/render-line.ts';
import { createScreen } from '../terminal/screen.ts';
import { wholeNumber } from './option-types.ts';

type Options = {
  readonly lines: number;
  readonly follow?: true;
  readonly json?: true;
  readonly ascii?: true;
};

const POLL_MILLIS = 200;

export const tailCommand = (): Command =>
  new Command('tail')
    .summary('print the latest records, and follow')
    .description(
      'Prints the latest records of a ledger, one a line, from all its writers. With -f it goes on as records come, across\n' +
        'rotation and as further writers join. It verifies nothing.',
    )
    .argument('<file>', 'ledger file; NAME.ndjson stands for its whole family')
    .option(
      '-n, --lines <n>',
      'how many of the latest records',
      wholeNumber('--lines', 0, 100_000),
      10,
    )
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('--ascii', 'ASCII only')
    .option('--json', 'print ledger lines as they stand in the file')
    .addHelpText(
      'after',
      `
Exit codes: 0 printed; 2 bad arguments or a file that cannot be read.

Examples:
  $ vantio tail -f ledger.ndjson
  $ vantio tail -n 100 ledger.ndjson --json`,
    )
    .action(tail);

async function tail(file: string, { lines, follow, json, ascii }: Options): Promise<void> {
  const screen = createScreen(process.stdout, process.env, ascii);
  const print = (text: string): void => {
    process.stdout.write(`${json ? printable(text) : renderLine(readRecord(text), screen)}\n`);
  };
  const ends = activeFiles(file).map(({ path }) => ({ path, ...lastLines(path, lines) }));
  const latest = ends
    .flatMap((end) => end.lines)
    .map((text) => ({ text, at: receivedAt(text) }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  for (const { text } of lines === 0 ? [] : latest.slice(-lines)) print(text);
  if (!follow) return;

  const followers = new Map(
    ends.map(({ path, inode, size }) => [path, followFile(path, { inode, offset: size }, print)]),
  );
  const poll = (): void => {
    for (const { path } of activeFilesNow(file))
      if (!followers.has(path)) followers.set(path, followFile(path, undefined, print));
    for (const follower of followers.values()) follower.poll();
  };
  await new Promise(() => setInterval(poll, POLL_MILLIS));
}

/** The files still written to: one of each writer. */
function activeFiles(file: string): readonly LedgerFile[] {
  const family = ledgerFamily(file);
  return family.length === 1 ? family : family.filter(({ segment }) => segment === undefined);
}

/** While following, a ledger may be away for a moment; the next look finds it. */
function activeFilesNow(file: string): readonly LedgerFile[] {
  try {
    return activeFiles(file);
  } catch (error) {
    if (error instanceof CliError) return [];
    throw error;
  }
}

function receivedAt(text: string): string {
  try {
    return parseLedgerLine(text).receivedAt;
  } catch {
    return '';
  }
}

/** A line that holds no record may hold anything; as JSON it is told, not passed on to a terminal. */
const printable = (text: string): string =>
  readRecord(text) === undefined ? '{"unreadable":true}' : text;
