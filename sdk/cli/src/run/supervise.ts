import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CliError, systemCode } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

export type Ending =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals };

const FORWARDED: readonly NodeJS.Signals[] = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGCONT',
  'SIGWINCH',
];

/** A terminal sends these to every process of its foreground group, so the program has its own already. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);

/**
 * Runs a program in our place: its input, output and signals are ours.
 * @throws {CliError} with the exit code of shells when it cannot be started.
 */
export async function supervise(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<Ending> {
  const child = spawn(command, args, { stdio: 'inherit', env: environment });
  const stop = forwardSignals(child);
  try {
    return await ending(child);
  } catch (error) {
    throw startFault(command, error);
  } finally {
    stop();
  }
}

const ending = (child: ChildProcess): Promise<Ending> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal }),
    );
  });

function forwardSignals(child: ChildProcess): () => void {
  const onTerminal = process.stdin.isTTY === true;
  const forwards = FORWARDED.map((signal) => {
    const forward = (): void => {
      if (!(onTerminal && FROM_TERMINAL.has(signal))) child.kill(signal);
    };
    process.on(signal, forward);
    return () => process.off(signal, forward);
  });
  return () => {
    for (const stop of forwards) stop();
  };
}

function startFault(command: string, error: unknown): CliError {
  const code = systemCode(error);
  if (code === 'ENOENT')
    return new CliError(`${command} was not found; check its name and the PATH.`, EXIT.notFound);
  return new CliError(
    `${command} cannot be started (${code}); check that it may be executed.`,
    EXIT.notExecutable,
  );
}

/** Ends this process as the program ended, by the same signal where there was one, so that a shell sees no difference. */
export function endLike(ended: Ending): void {
  if (ended.kind === 'exit') {
    process.exitCode = ended.code;
    return;
  }
  process.exitCode = 128 + constants.signals[ended.signal];
  process.kill(process.pid, ended.signal);
}
