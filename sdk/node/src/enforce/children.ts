import childProcess from 'node:child_process';
import { wrapChildProcess } from '../trace-children.ts';
import { carriedEnv } from './carried-env.ts';
import type { Patches } from './patches.ts';

/** Children are started under the same policy, whatever environment they are given. */
export const guardChildren = (patches: Patches): void =>
  wrapChildProcess(carriedEnv, (name, wrapper) => patches.set(childProcess, name, wrapper));
