import childProcess, { type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { debug } from '../../context/debug.ts';
import { isOurs } from '../agents.ts';
import { guardedOr } from '../guarded.ts';
import type { Patches } from '../patches.ts';
import { createTalk, type Talk } from './talk.ts';

type Spawn = (this: ChildProcess, ...args: unknown[]) => unknown;
type Write = (chunk: unknown, encoding?: unknown, done?: unknown) => boolean;

/** Every child of every function of node:child_process is started by this method, but for those that are waited for. */
export function guardStdio(patches: Patches): void {
  patches.replace(childProcess.ChildProcess.prototype, 'spawn', (original) => {
    const spawn = original as unknown as Spawn;
    return function (this: ChildProcess, ...args: unknown[]): unknown {
      const failure = Reflect.apply(spawn, this, args);
      try {
        if (this.stdin && this.stdout && !isOurs()) guardPipes(this.stdin, this.stdout);
      } catch (error) {
        debug('the pipes of a child could not be guarded', error);
      }
      return failure;
    } as never;
  });
}

/**
 * Looks at the first thing that a program writes to its child. If that is no message of MCP the pipe is left alone from
 * then on; if it is, every line is judged before it is written.
 */
function guardPipes(stdin: Writable, stdout: Readable): void {
  const { write, end } = stdin as { write: Write; end: (...args: unknown[]) => unknown };
  let talk: Talk | undefined;
  const own: Write = (chunk, encoding, done) => {
    if (talk === undefined) {
      const first = looked(chunk, encoding);
      if (first === 'other') release();
      if (first !== 'mcp') return Reflect.apply(write, stdin, [chunk, encoding, done]);
      const made = guardedOr('hearing a server of MCP', undefined, () =>
        createTalk(stdin, stdout, (...args) => Reflect.apply(write, stdin, args)),
      );
      if (made && 'error' in made) throw made.error;
      if (!made) release();
      talk = made;
    }
    return (talk?.write ?? write).call(stdin, chunk, encoding, done);
  };
  const release = (): void => {
    for (const name of ['write', 'end']) Reflect.deleteProperty(stdin, name);
  };
  define(stdin, 'write', own);
  define(stdin, 'end', (...args: unknown[]) => {
    const [chunk, encoding] = args;
    if (chunk === undefined || chunk === null || typeof chunk === 'function') {
      if (talk) return talk.end(() => Reflect.apply(end, stdin, args)) ?? stdin;
      return Reflect.apply(end, stdin, args);
    }
    try {
      own(chunk, typeof encoding === 'string' ? encoding : undefined);
    } finally {
      stdin.end(args.find((each) => typeof each === 'function') as () => void);
    }
    return stdin;
  });
}

/** Messages of MCP over stdio are lines of JSON-RPC: specification, Transports, "stdio". */
function looked(chunk: unknown, encoding: unknown): 'mcp' | 'other' | 'blank' {
  if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return 'other';
  const text =
    typeof chunk === 'string' && typeof encoding !== 'string'
      ? chunk
      : Buffer.from(chunk as string, encoding as BufferEncoding).toString();
  if (/^\s*$/.test(text)) return 'blank';
  return /^\s*[[{]/.test(text) && text.includes('"jsonrpc"') && text.includes('\n')
    ? 'mcp'
    : 'other';
}

const define = (stream: object, name: string, value: unknown): void =>
  void Object.defineProperty(stream, name, { value, writable: true, configurable: true });
