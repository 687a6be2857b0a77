import { join } from 'node:path';
import { CliError } from '../cli-error.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { ALARM_EXITS, type Alarm } from './alarm.ts';
import { type AlarmFile, openAlarmFile } from './alarm-file.ts';
import { createLogClient } from './log-client.ts';
import { createRoundPrinter } from './print-round.ts';
import { openState } from './state.ts';
import { pause, untilTold } from './until-told.ts';
import { type LogKey, readLogKeys } from './verifier-keys.ts';
import { type WatchOptions, watchOnce } from './watch-log.ts';
import { createWitness } from './witness.ts';
import { readWitnessKey } from './witness-key.ts';

export type WatchCommandOptions = {
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

/** What `vantio witness` does. @throws {CliError} */
export async function runWatch(options: WatchCommandOptions): Promise<void> {
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
  parts: WatchOptions,
  { interval, once, json }: WatchCommandOptions,
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
