import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { findSpannerEmulator, startSpannerEmulator } from './spanner-emulator.ts';

const found = findSpannerEmulator();
const MODULE = new URL('spanner-emulator.ts', import.meta.url).href;

const listens = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(address.includes('://') ? address : `http://${address}`);
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function goneSoon(address: string): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (!(await listens(address))) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

describe('a Spanner emulator', { skip: 'missing' in found ? found.missing : false }, () => {
  const program = 'program' in found ? found.program : '';

  test('listens when it is said to, and leaves nothing behind when it is stopped', async () => {
    const { grpc, rest, stop } = await startSpannerEmulator(program);
    assert.deepEqual(await Promise.all([grpc, rest].map(listens)), [true, true]);
    await stop();
    assert.deepEqual(await Promise.all([grpc, rest].map(goneSoon)), [true, true]);
  });

  test('dies with whoever started it, even if that one is killed', async () => {
    const code = `
      const { startSpannerEmulator } = await import(${JSON.stringify(MODULE)});
      const { grpc, rest } = await startSpannerEmulator(${JSON.stringify(program)});
      console.log(JSON.stringify([grpc, rest]));
      setInterval(() => {}, 1000);`;
    const args = ['--input-type=module', '--eval', code];
    const starter = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: starter.stdout }), 'line');
    const addresses: string[] = JSON.parse(line);
    assert.deepEqual(await Promise.all(addresses.map(listens)), [true, true]);
    starter.kill('SIGKILL');
    assert.deepEqual(await Promise.all(addresses.map(goneSoon)), [true, true]);
  });
});

test('a program that does not come up is an error that says what it said', async () => {
  await assert.rejects(startSpannerEmulator('/bin/echo'), /did not come up:\n--hostname/);
});
