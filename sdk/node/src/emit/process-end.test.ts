import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { type RunOptions, runAgent, scratch } from '../testing/run-agent.ts';

const DOWN = 'http://127.0.0.1:9';

/** Runs a fixture against an ingest that is down, then another process that sends what the first left on disk. */
async function runThenDrain(fixture: string, options: RunOptions) {
  const env = { VANTIO_API_KEY: newApiKey(), VANTIO_SPOOL_DIR: scratch() };
  const ran = await runAgent(fixture, { ...options, env: { ...env, VANTIO_INGEST_URL: DOWN } });
  const ingest = await startIngest();
  await runAgent('calls.mjs', { env: { ...env, VANTIO_INGEST_URL: ingest.url } });
  await ingest.close();
  assert.deepEqual(ingest.faults, []);
  const sessions = [...assertWholeChains(ingest.records()).values()];
  assert.equal(sessions.length, 2, 'the session of each process arrived');
  const first = sessions.find((session) => session.at(-1)?.pid !== ingest.records()[0]?.pid);
  return { ran, session: first ?? [] };
}

test('SIGTERM ends a process by the signal, and everything is on disk', async () => {
  const { ran, session } = await runThenDrain('calls.mjs', {
    args: ['', 'wait'],
    onReady: (child) => child.kill('SIGTERM'),
  });
  assert.equal(ran.signal, 'SIGTERM');
  assert.equal(session.at(-1)?.end_reason, 'signal');
  assert.equal(session.at(-1)?.signal, 'SIGTERM');
  assert.equal(ofType(session, 'shield_end').length, 2);
});

test("SIGTERM leaves the end to the host's own handler", async () => {
  const { ran } = await runThenDrain('calls.mjs', {
    args: ['', 'handle'],
    onReady: (child) => child.kill('SIGTERM'),
  });
  assert.equal(ran.code, 7);
});

test('SIGTERM leaves the end to a library that counts listeners', async () => {
  const { ran } = await runThenDrain('signal-exit.mjs', {
    onReady: (child) => child.kill('SIGTERM'),
  });
  assert.equal(ran.signal, 'SIGTERM');
});

test('SIGINT ends a process by the signal, and everything is on disk', async () => {
  const { ran, session } = await runThenDrain('calls.mjs', {
    args: ['', 'wait'],
    onReady: (child) => child.kill('SIGINT'),
  });
  assert.equal(ran.signal, 'SIGINT');
  assert.equal(ofType(session, 'shield_end').length, 2);
});

test('process.exit keeps its code, and everything is on disk', async () => {
  const { ran, session } = await runThenDrain('calls.mjs', { args: ['', 'exit'] });
  assert.equal(ran.code, 3);
  assert.equal(session.at(-1)?.end_reason, 'exit');
  assert.equal(session.at(-1)?.exit_code, 3);
});

test('an uncaught error ends the process as ever, and everything is on disk', async () => {
  const { ran, session } = await runThenDrain('calls.mjs', { args: ['', 'throw'] });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /host error/);
  assert.equal(ofType(session, 'shield_end').length, 2);
});

test('shutdown ends the session', async () => {
  const ingest = await startIngest();
  const env = { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url };
  const ran = await runAgent('calls.mjs', { args: ['', 'shutdown'], env });
  await ingest.close();
  assert.equal(ran.code, 0);
  assert.equal(ingest.records().at(-1)?.end_reason, 'shutdown');
  assertWholeChains(ingest.records());
});

test('what was spooled survives kill -9', async () => {
  const { ran, session } = await runThenDrain('flush-and-wait.mjs', {
    onReady: (child) => child.kill('SIGKILL'),
  });
  assert.equal(ran.signal, 'SIGKILL');
  assert.equal(ofType(session, 'shield_end').length, 1);
  assert.equal(session.at(-1)?.event_type, 'session_head');
});
