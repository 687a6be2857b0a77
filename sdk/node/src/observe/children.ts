import type { ChildProcess } from 'node:child_process';
import { tellChild } from '../agent/agent.ts';
import { currentSpan } from '../context/current-span.ts';
import { guard } from '../context/guard.ts';
import { microtask, now } from '../context/main-realm.ts';
import { EXEMPT, type Span } from '../context/span.ts';
import { record } from '../record/queue.ts';
import { on } from './subscribe.ts';

type Born = { readonly process: ChildProcess };

/** Child processes started by spawn, fork, exec and execFile; what the …Sync twins start no channel tells of. */
export function observeChildren(): void {
  on<Born>('child_process', ({ process }) => {
    const span = currentSpan();
    if (span === EXEMPT) return;
    // The channel fires in the constructor: name and pid are there once the caller's own call has returned.
    microtask(guard('child_process', recordChild.bind(undefined, process, span, now())));
  });
}

function recordChild(process: ChildProcess, span: Span | undefined, at: number): void {
  const { pid, spawnfile, spawnargs } = process;
  if (typeof spawnfile !== 'string') return;
  if (pid !== undefined) tellChild(pid, span);
  record({
    type: 'process_exec',
    at,
    span,
    path: spawnfile,
    detail: {
      exec_call: 'spawn',
      ...(Array.isArray(spawnargs) ? { argc: spawnargs.length } : {}),
      ...(pid === undefined ? { outcome: 'error' as const } : { child_pid: pid }),
    },
  });
}
