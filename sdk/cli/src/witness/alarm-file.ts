import { readFileSync } from 'node:fs';
import { replaceFile } from '@vantio/functions/local/state-dir';
import { CliError, systemCode } from '../cli-error.ts';
import { ALARM_EXITS, type Alarm } from './alarm.ts';

export type AlarmFile = {
  readonly file: string;
  /** Adds an alarm, synced when it returns. What is there stays, but that a silence that goes on is written anew. */
  readonly raise: (alarm: Alarm) => void;
  /** The first alarm of a log that somebody must look at before it is cosigned again: any but a silence. */
  readonly standing: (origin: string) => Alarm | undefined;
};

/** Alarms of one witness: a JSON document that is there only if there are any. */
export function openAlarmFile(file: string): AlarmFile {
  const read = (): readonly Alarm[] => readAlarms(file);
  return {
    file,
    raise: (alarm) => {
      const kept = read().filter(
        ({ kind, origin, since }) =>
          kind !== 'silence' || origin !== alarm.origin || since !== alarm.since,
      );
      const document = { version: 1, alarms: [...kept, alarm] };
      try {
        replaceFile(file, `${JSON.stringify(document, null, 2)}\n`);
      } catch (error) {
        throw new CliError(
          `${alarm.says}, and the alarm cannot be written to ${file} (${systemCode(error)}).`,
          ALARM_EXITS[alarm.kind],
        );
      }
    },
    standing: (origin) => read().find((each) => each.origin === origin && each.kind !== 'silence'),
  };
}

/** @throws {CliError} */
function readAlarms(file: string): readonly Alarm[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new CliError(
      `alarm file ${file} cannot be read (${systemCode(error)}); mend its rights.`,
    );
  }
  const alarms = alarmsIn(text);
  if (alarms === undefined)
    throw new CliError(
      `alarm file ${file} is not one of vantio witness; move it away, or name another with --alarm.`,
    );
  return alarms;
}

function alarmsIn(text: string): readonly Alarm[] | undefined {
  try {
    const { version, alarms } = JSON.parse(text) as { version: unknown; alarms: Alarm[] };
    const isSound =
      version === 1 &&
      alarms.every(({ kind, origin }) => kind in ALARM_EXITS && typeof origin === 'string');
    return isSound ? alarms : undefined;
  } catch {
    return undefined;
  }
}
