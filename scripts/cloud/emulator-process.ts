import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Emulator, EmulatorError } from './emulator-commands.ts';

const LOGS = '.vantio/emulators';
const START_MILLIS = 90_000;

/** Starts an emulator in a process group of its own, which outlives this process, and waits until it takes connections. */
export async function startProcess({
  name,
  command,
}: Emulator): Promise<{ readonly pid: number; readonly port: number }> {
  const port = await freePortPair();
  const [file, ...rest] = command(port);
  mkdirSync(LOGS, { recursive: true });
  const log = `${LOGS}/${name}.log`;
  const output = openSync(log, 'w');
  const child = spawn(file, rest, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  child.unref();
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('it ended')));
  });
  const { pid } = child;
  try {
    await Promise.race([listens(port), failed]);
    if (pid === undefined) throw new Error('it did not start');
  } catch {
    if (pid !== undefined) await stopProcess(pid);
    const said = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
    throw new EmulatorError(`the ${name} emulator did not start; ${log} ends with:\n${said}`);
  }
  return { pid, port };
}

/** Ends the whole group: the Spanner emulator's gateway leaves its engine behind otherwise. @returns whether it ran. */
export async function stopProcess(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  process.kill(-pid, 'SIGTERM');
  for (let waited = 0; waited < 50 && isAlive(pid); waited++) await sleep(100);
  killProcess(pid);
  return true;
}

/** At once, for a process that is ending itself. */
export function killProcess(pid: number): void {
  if (isAlive(pid)) process.kill(-pid, 'SIGKILL');
}

/** Whether any process of the group lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function listens(port: number): Promise<void> {
  for (let waited = 0; waited < START_MILLIS; waited += 100) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (connected) return;
    await sleep(100);
  }
  throw new Error('it took no connection');
}

/** A free port of loopback whose next one is free, too. */
async function freePortPair(): Promise<number> {
  for (;;) {
    const port = await portIfFree(0);
    if (port !== undefined && (await portIfFree(port + 1)) !== undefined) return port;
  }
}

const portIfFree = (wanted: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
