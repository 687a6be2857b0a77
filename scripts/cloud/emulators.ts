/**
 * scripts/emulators up|down|status: the Spanner and Pub/Sub emulators and Redis, each on a free port of loopback.
 * `up` prints the environment that points clients at them: eval "$(scripts/emulators up)".
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EMULATORS, type Emulator, EmulatorError } from './emulator-commands.ts';
import { environmentOf } from './emulator-environment.ts';
import { isAlive, startProcess, stopProcess } from './emulator-process.ts';

type Running = { readonly name: Emulator['name']; readonly pid: number; readonly port: number };

const STATE = '.vantio/emulators/running.json';
const USAGE = 'usage: scripts/emulators up|down|status';

const [command, ...rest] = process.argv.slice(2);
try {
  if (rest.length > 0) throw new EmulatorError(USAGE);
  if (command === 'up') await up();
  else if (command === 'down') await down();
  else if (command === 'status') status();
  else throw new EmulatorError(USAGE);
} catch (error) {
  if (!(error instanceof EmulatorError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function up(): Promise<void> {
  const running = readRunning().filter(({ pid }) => isAlive(pid));
  try {
    for (const emulator of EMULATORS) {
      if (running.some(({ name }) => name === emulator.name)) continue;
      running.push({ name: emulator.name, ...(await startProcess(emulator)) });
    }
  } finally {
    writeRunning(running);
  }
  for (const [name, value] of Object.entries(environment(running)))
    process.stdout.write(`export ${name}=${value}\n`);
}

async function down(): Promise<void> {
  for (const { name, pid } of readRunning())
    if (await stopProcess(pid)) process.stderr.write(`stopped ${name}\n`);
  rmSync(STATE, { force: true });
}

function status(): void {
  const running = readRunning();
  for (const { name } of EMULATORS) {
    const found = running.find((other) => other.name === name);
    const alive = found !== undefined && isAlive(found.pid);
    process.stdout.write(
      `${name}: ${alive ? `127.0.0.1:${found.port}, pid ${found.pid}` : 'not running'}\n`,
    );
    if (!alive) process.exitCode = 1;
  }
}

function environment(running: readonly Running[]): Readonly<Record<string, string>> {
  return environmentOf((name) => running.find((other) => other.name === name)?.port);
}

function readRunning(): Running[] {
  try {
    return JSON.parse(readFileSync(STATE, 'utf8')) as Running[];
  } catch {
    return [];
  }
}

function writeRunning(running: readonly Running[]): void {
  mkdirSync(dirname(STATE), { recursive: true });
  writeFileSync(STATE, `${JSON.stringify(running)}\n`);
}
