import { Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { ledgerFamily } from '../ledger/ledger-family.ts';
import { collectTraces, type TraceCollection } from '../show/collect-traces.ts';
import { findNames } from '../show/find-names.ts';
import { renderTrace } from '../show/render-tree.ts';
import { traceJson } from '../show/trace-json.ts';
import { buildTree } from '../show/trace-tree.ts';
import { plural } from '../terminal/quantities.ts';
import { createScreen } from '../terminal/screen.ts';
import { wholeNumber } from './option-types.ts';

type Options = {
  readonly trace: string;
  readonly limit: number;
  readonly ascii?: true;
  readonly json?: true;
};

export const showCommand = (): Command =>
  new Command('show')
    .summary('print traces as trees')
    .description(
      'Prints the traces of a ledger as trees: processes, shields and what they did. Names of agents and programs come from\n' +
        "the disclosures beside the ledger; where there is none, the commitment's first digits stand, and (erased) where a record\n" +
        'says so. It verifies nothing.',
    )
    .argument('<file>', 'ledger file; NAME.ndjson stands for its whole family')
    .addOption(
      new Option('--trace <id>', 'this trace alone; its first digits will do').default('', 'all'),
    )
    .option('--limit <n>', 'how many of the latest traces', wholeNumber('--limit', 1, 1000), 20)
    .option('--ascii', 'draw with ASCII only')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Exit codes: 0 shown; 1 there is no such trace; 2 bad arguments or a file that cannot be read.

Examples:
  $ vantio show ledger.ndjson
  $ vantio show ledger.ndjson --trace 4bf92f35 --json`,
    )
    .action(show);

function show(file: string, { trace: tracePrefix, limit, ascii, json }: Options): void {
  if (!/^[0-9a-f]{0,32}$/.test(tracePrefix))
    throw new CliError('--trace wants up to 32 lower-case hex digits.');
  const files = ledgerFamily(file);
  const collection = collectTraces(files, { tracePrefix, limit: Math.max(1, limit) });
  const nameOf = findNames(
    files,
    collection.traces.flatMap(({ records }) => records),
    collection.erased,
  );
  const context = { starts: collection.starts, nameOf };
  const trees = collection.traces.map((trace) => ({
    trace,
    roots: buildTree(trace.records, collection.starts),
  }));
  if (json) {
    const traces = trees.map(({ trace, roots }) => traceJson(trace, roots, context));
    process.stdout.write(`${JSON.stringify({ traces, ...leftOut(collection) })}\n`);
  } else {
    const screen = createScreen(process.stdout, process.env, ascii);
    for (const { trace, roots } of trees)
      for (const line of renderTrace(trace, roots, { ...context, screen }))
        process.stdout.write(`${line}\n`);
    process.stdout.write(`${screen.paint('dim', footer(collection))}\n`);
  }
  process.exitCode = tracePrefix !== '' && trees.length === 0 ? EXIT.wrong : EXIT.ok;
}

const leftOut = ({ olderTraces, untraced, unreadable }: TraceCollection) => ({
  older_traces: olderTraces,
  untraced_records: untraced,
  unreadable_lines: unreadable,
});

const footer = ({ traces, olderTraces, untraced, unreadable }: TraceCollection): string =>
  [
    plural(traces.length, 'trace'),
    olderTraces > 0 ? `${plural(olderTraces, 'older one')} not shown` : '',
    untraced > 0 ? `${plural(untraced, 'record')} of no trace` : '',
    unreadable > 0 ? `${plural(unreadable, 'unreadable line')}: run vantio verify` : '',
    'nothing here is verified: that is what vantio verify does',
  ]
    .filter((part) => part !== '')
    .join('; ');
