import { join } from 'node:path';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { ALARM_EXITS, type Alarm } from '../witness/alarm.ts';
import { type AlarmFile, openAlarmFile } from '../witness/alarm-file.ts';
import { createLogClient } from '../witness/log-client.ts';
import { createRoundPrinter } from '../witness/print-round.ts';
import { openState } from '../witness/state.ts';
import { pause, untilTold } from '../witness/until-told.ts';
import { type LogKey, readLogKeys } from '../witness/verifier-keys.ts';
import { watchOnce } from '../witness/watch-log.ts';
import { createWitness } from '../witness/witness.ts';
import { readWitnessKey } from '../witness/witness-key.ts';
import { wholeNumber } from './option-types.ts';
import { witnessKeygenCommand } from './witness-keygen.ts';
import { witnessServeCommand } from './witness-serve.ts';

type Options = {
  readonly url?: string;
  readonly keyFile?: string;
  readonly vkey?: string;
  readonly witnessKey?: string;
  readonly state?: string;
  readonly alarm?: string;
  readonly interval: number;
  readonly silence: number;
  readonly once?: true;
  readonly json?: true;
};

const DAY_SECONDS = 86_400;
const MONTH_MINUTES = 44_640;

export const witnessCommand = (): Command => {
  const witness = new Command('witness')
    .summary('watch a log, cosign it, and raise an alarm if it forks, goes back or falls silent')
    .description(
      'Watches the Merkle log of a control plane from anywhere: fetches its checkpoint, proves that it goes on from the one\n' +
        'before, remembers it, cosigns it, and gives the cosignature to the log. A log that forks, goes back, is of another key\n' +
        'or falls silent raises an alarm: a file that holds what was seen, and an exit code.',
    )
    .enablePositionalOptions()
    // Asked for by hand: commander would ask for them of the commands below, too.
    .option('--url <url>', 'control plane, such as https://vantio.example')
    .option('--key-file <file>', 'an API key that it takes')
    .option('--vkey <file>', 'verifier key of the log, from its operator and pinned by you')
    .option('--witness-key <file>', 'key to cosign with, from witness keygen')
    .option('--state <dir>', 'where it remembers what it saw; of this witness alone')
    .option('--alarm <file>', 'where alarms go (alarm.json in the state directory)')
    .option('--interval <s>', 'seconds between looks', wholeNumber('--interval', 1, DAY_SECONDS), 2)
    .option(
      '--silence <minutes>',
      'alarm when nothing good was heard for so long',
      wholeNumber('--silence', 1, MONTH_MINUTES),
      15,
    )
    .option('--once', 'look once and end, as from cron')
    .option('--json', 'print one JSON line for each thing that happens')
    .addHelpText(
      'after',
      `
A look fails when the log does not answer, or with nothing that can be checked; a log that does not grow is no silence.
The silence is counted from the first look that failed after the last good one, also across restarts.

Exit codes: 0 ended by Ctrl-C or SIGTERM, or a good look under --once; 2 bad arguments, a file that cannot be read, or a
look under --once that failed; alarms: 3 fork, 4 the log went back, 5 another key, 6 another log, 7 silence. But for a
silence, an alarm stands, and the witness does not start, until somebody moves its file away.

Examples:
  $ vantio witness keygen --name example.com/our-witness --out witness.key
  $ vantio witness --url https://vantio.example --key-file agent.key --vkey log.vkey --witness-key witness.key --state witness`,
    )
    .action(watch);
  for (const command of [witnessKeygenCommand(), witnessServeCommand()])
    witness.addCommand(command);
  return witness;
};

async function watch(options: Options): Promise<void> {
  const url = required(options.url, '--url <url>');
  const keyFile = required(options.keyFile, '--key-file <file>');
  const keys = keysOfOneLog(required(options.vkey, '--vkey <file>'));
  const cosigner = readWitnessKey(required(options.witnessKey, '--witness-key <file>'));
  const directory = required(options.state, '--state <dir>');
  const signal = untilTold();
  const client = createLogClient({ url, apiKey: onlyKeyIn(keyFile), signal });
  const alarms = openAlarmFile(options.alarm ?? join(directory, 'alarm.json'));
  const isBarred = (origin: string): boolean => alarms.standing(origin) !== undefined;
  const now = (): number => Math.floor(Date.now() / 1000);
  const state = openState(directory);
  try {
    requireNoAlarm(alarms, keys[0].name);
    const witness = createWitness({ logs: keys, state, cosigner, isBarred, now });
    const parts = { client, witness, cosigner, state, keys, silence: options.silence * 60, now };
    await look(parts, options, alarms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    state.close();
  }
}

async function look(
  parts: Parameters<typeof watchOnce>[0],
  { interval, once, json }: Options,
  alarms: AlarmFile,
  signal: AbortSignal,
): Promise<void> {
  const print = createRoundPrinter({ origin: parts.keys[0].name, json: json === true });
  while (!signal.aborted) {
    const round = await watchOnce(parts);
    if (round.outcome === 'alarm') {
      alarms.raise(round.alarm);
      print({ ...round, file: alarms.file });
      throw alarmed(round.alarm, alarms.file);
    }
    if (once && (round.outcome === 'failed' || round.outcome === 'unsent'))
      throw new CliError(round.says);
    print(round);
    if (once) return;
    await pause(interval, signal);
  }
}

const alarmed = ({ kind, says }: Alarm, file: string): CliError =>
  new CliError(`ALARM ${kind}: ${says}; what was seen is in ${file}.`, ALARM_EXITS[kind]);

/** @throws {CliError} if somebody must look at an alarm of before first. */
function requireNoAlarm(alarms: AlarmFile, origin: string): void {
  const standing = alarms.standing(origin);
  if (standing !== undefined)
    throw new CliError(
      `an alarm (${standing.kind}) stands in ${alarms.file}: look at it, keep it, and move it away to go on.`,
      ALARM_EXITS[standing.kind],
    );
}

function required(value: string | undefined, option: string): string {
  if (value === undefined)
    throw new CliError(`required option '${option}' not specified; see vantio witness --help`);
  return value;
}

function onlyKeyIn(file: string): string {
  const [key, ...more] = readKeyFiles([file]);
  if (key === undefined || more.length > 0)
    throw new CliError(`${file} holds several API keys; name a file with the one to use.`);
  return key;
}

function keysOfOneLog(file: string): readonly [LogKey, ...LogKey[]] {
  const [first, ...more] = readLogKeys(file);
  if (first === undefined || more.some(({ name }) => name !== first.name))
    throw new CliError(`${file} holds keys of several logs; a witness that fetches watches one.`);
  return [first, ...more];
}
