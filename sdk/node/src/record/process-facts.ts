import { readFileSync, readlinkSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { basename } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { thisProcess } from '../context/main-realm.ts';
import type { Detail } from './observation.ts';

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

/** Node 24 names its first thread, and with it the process, MainThread: the program's name says more. */
function processName(): string {
  const comm = readFileSync('/proc/self/comm', 'latin1').trimEnd();
  return comm === 'MainThread' ? basename(thisProcess.execPath) : comm;
}

/** What its session_start carries once. */
export function sessionFields(): Detail {
  const name = read(() => printable(processName()));
  const ns = read(() => /^pid:\[(\d+)\]$/.exec(readlinkSync('/proc/self/ns/pid'))?.[1]);
  const word = (text: string): string | undefined =>
    /^[A-Za-z0-9._:/@+-]{1,128}$/.test(text) ? text : undefined;
  const kernel = read(() => word(release()));
  return {
    ppid: thisProcess.ppid,
    ...(name === undefined ? {} : { process_name: name }),
    ...(ns === undefined ? {} : { pid_ns: Number(ns) }),
    runtime: `node/${thisProcess.versions.node}`,
    os: platform(),
    arch: arch(),
    ...(kernel === undefined ? {} : { kernel_release: kernel }),
  };
}

/** proc_pid_stat(5), field 22. comm, field 2, is chosen by the process and may hold spaces and brackets. */
export function startTicks(stat: string): number | undefined {
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return Number.isSafeInteger(ticks) ? ticks : undefined;
}

/** Alphabet of process_name: printable ASCII, other bytes and the backslash as \xhh; at most 64. */
function printable(bytes: string): string | undefined {
  const text = bytes.replace(
    /[^ -[\]-~]/g,
    (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return text === '' ? undefined : text.slice(0, 64);
}
