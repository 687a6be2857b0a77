import { type LocalOptions, type LocalServer, startLocal } from './start-local.ts';

/**
 * Serves until SIGTERM or SIGINT, then closes in order: a second signal ends the process at once.
 * @param onReady called when requests are served.
 * @throws when `SOVEREIGN_MODE` asks for another mode than `local`, and what `startLocal` throws.
 */
export async function runLocal(
  options: LocalOptions,
  onReady: (server: LocalServer) => void = () => {},
): Promise<void> {
  const mode = process.env.SOVEREIGN_MODE ?? 'local';
  if (mode !== 'local')
    throw new Error(
      `SOVEREIGN_MODE is ${mode === 'cloud' ? 'cloud' : 'neither local nor cloud'}, and this server has only the mode local; unset it`,
    );
  const server = await startLocal(options);
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  onReady(server);
  const signal = await signalled;
  await server.close({ end_reason: 'signal', signal });
}
