import { Command, Option } from 'commander';
import { eachRecordOnce } from '../convert/each-record-once.ts';
import type { Source } from '../convert/form.ts';
import { FORM_NAMES, FORMS, type FormName, requireOptions } from '../convert/forms.ts';
import { ledgerFamily } from '../ledger/ledger-family.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { gather } from './option-types.ts';

type Options = {
  readonly to: FormName;
  readonly out?: string;
  readonly uri?: string;
  readonly endpoint?: string;
  readonly stateDir?: string;
  readonly keyFile: readonly string[];
  readonly accept: readonly string[];
  readonly json?: true;
};

export const convertCommand = (): Command =>
  new Command('convert')
    .summary('write a ledger in a form that other tools read')
    .description(
      'Verifies a ledger and writes it in another form. Nothing of a ledger that does not verify is written, and no value\n' +
        'behind a commitment; but csv and avro, which hold all that vantio import would insert.',
    )
    .argument('<file...>', 'ledger files; NAME.ndjson stands for its whole family')
    .addOption(
      new Option('--to <form>', 'the form; see below').choices(FORM_NAMES).makeOptionMandatory(),
    )
    .option('--out <path>', 'where to write: nothing may be there yet, or an empty directory')
    .option('--uri <gs://…>', 'where the files will lie, for the manifest of CSV files')
    .option('--endpoint <url>', 'OTLP/HTTP receiver, such as http://127.0.0.1:4318')
    .option('--state-dir <directory>', "the control plane's, for the key of its log")
    .option('--key-file <file>', 'API keys of all its lines, one a line (repeatable)', gather, [])
    .option(
      '--accept <check>',
      'take a ledger in which verify finds this wrong, as vantio import does (repeatable)',
      gather,
      [],
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Forms:
${FORM_NAMES.map((name) => `  ${name.padEnd(12)} ${FORMS[name].says}`).join('\n')}
The README of vantio has their versions, and what is lost in each. How csv and avro get into Spanner is in
functions/IMPORT.md.

Exit codes: 0 written; 1 the ledger does not verify, or was changed while it was read; 2 bad arguments, or files that
cannot be read or written.

Examples:
  $ vantio convert ledger.ndjson --to parquet --out records --key-file acme.keys --key-file .vantio/control.key
  $ vantio convert ledger.ndjson --to csv --out load --uri gs://bucket/load --key-file acme.keys --key-file .vantio/control.key`,
    )
    .action(runConvert);

async function runConvert(names: readonly string[], options: Options): Promise<void> {
  const { to, json } = options;
  const given = requireOptions(to, options);
  const made = await FORMS[to].write(await openSource(names, options), given);
  if (json) process.stdout.write(`${JSON.stringify({ format: to, ...made.json })}\n`);
  else for (const line of made.lines) process.stdout.write(`${line}\n`);
}

/** Verifies before anything is written, and again, line by line, while it is. */
async function openSource(
  names: readonly string[],
  options: Pick<Options, 'keyFile' | 'accept'>,
): Promise<Source> {
  const { parseAccepted, requireSound } = await import('../import/require-sound.ts');
  const { readSoundLines } = await import('../import/read-sound-lines.ts');
  const { leftOutNote } = await import('../import/sealers-keys.ts');
  const accepted = parseAccepted(options.accept);
  const apiKeys = readKeyFiles(options.keyFile);
  const files = [...new Map(names.flatMap(ledgerFamily).map((file) => [file.path, file])).values()];
  const sound = requireSound(files, apiKeys, accepted);
  const leftOut = leftOutNote(sound.sealers);
  if (leftOut !== undefined) process.stderr.write(`${leftOut}\n`);
  const lines = () => readSoundLines(files, apiKeys, sound);
  return {
    files,
    outcome: sound.outcome,
    accepted: [...accepted],
    lines,
    records: () => eachRecordOnce(lines(), sound.outcome),
  };
}
