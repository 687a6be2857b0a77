import { type LocalOptions, type LocalServer, startLocal } from './start-local.ts';

/** The environment asks for a mode that this server has not. */
export class ModeError extends Error {
  override readonly name = 'ModeError';
  readonly code = 'bad_mode';
}

/**
 * Serves until SIGTERM or SIGINT, then closes in order: a second signal ends the process at once.
 * @param onReady called when requests are served.
 * @throws {ModeError} when `SOVEREIGN_MODE` asks for another mode than `local`; and what `startLocal` throws.
 */
export async function runLocal(
  options: LocalOptions,
  onReady: (server: LocalServer) => void = () => {},
): Promise<void> {
  const mode = process.env.SOVEREIGN_MODE || 'local';
  if (mode !== 'local')
    throw new ModeError(
      `SOVEREIGN_MODE is ${mode === 'cloud' ? 'cloud' : 'neither local nor cloud'}, and this server has only the mode local: unset it`,
    );
  takeMoreThreads();
  const server = await startLocal(options);
  // Before anyone is told that it listens: who hears of it may end it at once.
  const signalled = firstSignal();
  onReady(server);
  const signal = await signalled;
  await server.close({ end_reason: 'signal', signal });
}

/**
 * The log's files are synced many at a time, and a disk takes such flushes together; libuv's four threads would queue them. It
 * reads this once, before its first thread starts; the user's own word stands.
 */
function takeMoreThreads(): void {
  process.env.UV_THREADPOOL_SIZE ??= '16';
}

/** The handlers go with the first signal, so a second one, whichever, has its usual effect. */
const firstSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.off('SIGTERM', stop).off('SIGINT', stop);
      resolve(signal);
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  });
