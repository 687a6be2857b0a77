import { isMainThread } from 'node:worker_threads';
import { verifyCommand } from './commands/verify.ts';
import { runProgram } from './run-program.ts';
import { settle } from './settle.ts';
import { VERSION } from './version.ts';

// What vantio-verify.mjs is made of: the verify command, and nothing that it does not need. Its second thread is this file, too.
if (isMainThread)
  await runProgram(settle(verifyCommand().name('vantio-verify').version(VERSION, '-V, --version')));
else await import('./verify/ahead/digest-thread.ts');
