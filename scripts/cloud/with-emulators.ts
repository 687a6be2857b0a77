import { EMULATORS, type Emulator } from './emulator-commands.ts';
import { environmentOf } from './emulator-environment.ts';
import { killProcess, startProcess, stopProcess } from './emulator-process.ts';

/**
 * Runs something beside emulators of its own, and ends them whatever happens.
 * @param run gets the environment that points clients at them.
 * @throws {EmulatorError} when this machine lacks one.
 */
export async function withEmulators<T>(
  run: (environment: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const running = new Map<Emulator['name'], { readonly pid: number; readonly port: number }>();
  const atExit = (): void => {
    for (const { pid } of running.values()) killProcess(pid);
  };
  const onSignal = (): never => process.exit(130);
  process.once('exit', atExit);
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    for (const emulator of EMULATORS) running.set(emulator.name, await startProcess(emulator));
    return await run(environmentOf((name) => running.get(name)?.port));
  } finally {
    for (const { pid } of running.values()) await stopProcess(pid);
    process.off('exit', atExit);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
