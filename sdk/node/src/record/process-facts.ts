import { readFileSync, readlinkSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { basename } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { writtenProcessName } from '@vantio/schema/written/process-name';
import { writtenWord } from '@vantio/schema/written/word';
import { thisProcess } from '../context/main-realm.ts';
import type { Detail } from './observation.ts';
import { fieldOf } from './written-field.ts';

const read = <T>(body: () => T | undefined): T | undefined => {
  try {
    return body();
  } catch {
    return undefined;
  }
};

/** What every record of this process carries. Best effort: what cannot be read is absent. */
export function processFields(): Detail {
  const start = read(() => startTicks(readFileSync('/proc/self/stat', 'latin1')));
  return {
    pid: thisProcess.pid,
    ...(start === undefined ? {} : { process_start: start }),
    ...(isMainThread ? {} : { thread_id: threadId }),
  };
}

const NODE_24 = Buffer.from('MainThread');

/** Node 24 names its first thread, and with it the process, MainThread: the program's name says more. */
function processName(): Buffer {
  const comm = readFileSync('/proc/self/comm').subarray(0, -1);
  return comm.equals(NODE_24) ? Buffer.from(basename(thisProcess.execPath)) : comm;
}

/** What its session_start carries once. */
export function sessionFields(): Detail {
  const ns = read(() => /^pid:\[(\d+)\]$/.exec(readlinkSync('/proc/self/ns/pid'))?.[1]);
  return {
    ppid: thisProcess.ppid,
    ...(ns === undefined ? {} : { pid_ns: Number(ns) }),
    ...fieldOf(
      'process_name',
      read(() => writtenProcessName(processName())),
    ),
    ...fieldOf('runtime', writtenWord('runtime', `node/${thisProcess.versions.node}`)),
    ...fieldOf('os', writtenWord('os', platform())),
    ...fieldOf('arch', writtenWord('arch', arch())),
    ...fieldOf(
      'kernel_release',
      read(() => writtenWord('kernel_release', release())),
    ),
  };
}

/** proc_pid_stat(5), field 22. comm, field 2, is chosen by the process and may hold spaces and brackets. */
export function startTicks(stat: string): number | undefined {
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return Number.isSafeInteger(ticks) ? ticks : undefined;
}
