import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { discloses } from '@vantio/schema';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { newApiKey } from '../testing/keys.ts';
import { readLedger } from '../testing/ledger.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

test('without a server the ledger is written straight to NDJSON, one file for each session', async () => {
  const directory = scratch();
  const env = { VANTIO_API_KEY: newApiKey(), VANTIO_OUTPUT_FILE: join(directory, 'ledger.ndjson') };
  await Promise.all([1, 2].map(() => runAgent('calls.mjs', { args: ['', 'flush'], env })));
  const records = readLedger(directory);
  assert.equal(assertWholeChains(records).size, 2);
  assert.equal(ofType(records, 'shield_end').length, 4);
  const files = readdirSync(directory).filter((name) => !name.includes('disclosures'));
  assert.ok(
    files.every((name) => /^ledger\.w-[0-9a-f]{16}\.ndjson$/.test(name)),
    String(files),
  );
  for (const name of files) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600);
});

test('disclosures are written beside the ledger', async () => {
  const directory = scratch();
  const env = { VANTIO_API_KEY: newApiKey(), VANTIO_OUTPUT_FILE: join(directory, 'ledger.ndjson') };
  await runAgent('calls.mjs', { env });
  const [name] = readdirSync(directory).filter((file) => file.endsWith('.disclosures.ndjson'));
  const lines = readFileSync(join(directory, name ?? ''), 'utf8')
    .trimEnd()
    .split('\n');
  const disclosures = lines.map((line) => JSON.parse(line));
  const records = readLedger(directory);
  assert.deepEqual(
    disclosures.map(({ value }) => value),
    ['sample-tool', 'sample-agent'],
  );
  for (const { event_id, tenant_id, ...disclosure } of disclosures) {
    const record = records.find((candidate) => candidate.event_id === event_id);
    assert.ok(record && discloses(record, disclosure));
    assert.equal(tenant_id, 'acme');
  }
});

test('a session that a customer key certifies says so', async () => {
  const directory = scratch();
  const { generateKeyPairSync } = await import('node:crypto');
  const { sessionCertificateHolds } = await import('@vantio/schema');
  const { writeFileSync } = await import('node:fs');
  const pem = join(directory, 'root.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(pem, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await runAgent('calls.mjs', {
    env: {
      VANTIO_API_KEY: newApiKey(),
      VANTIO_OUTPUT_FILE: join(directory, 'ledger.ndjson'),
      VANTIO_SESSION_ROOT: pem,
    },
  });
  const [start] = readLedger(directory);
  assert.ok(start && sessionCertificateHolds(start));
});

test('a ledger that cannot be written disturbs nobody, and is told of on the debug channel alone', async () => {
  const directory = join(scratch(), 'ledger.ndjson');
  mkdirSync(directory);
  const env = {
    VANTIO_API_KEY: newApiKey(),
    VANTIO_OUTPUT_FILE: join(directory, 'none/ledger.ndjson'),
  };
  const quiet = await runAgent('five-flushes.mjs', { env });
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, 'done\n', '']);
  const told = await runAgent('five-flushes.mjs', { env: { ...env, VANTIO_DEBUG: '1' } });
  assert.match(told.stderr, /VANTIO_OUTPUT_FILE cannot be written \(ENOENT\)/);
});

test('a full disk leaves no torn line, and what is lost is counted once there is room', async (t) => {
  const directory = scratch();
  try {
    const mount = ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', directory];
    execFileSync('mount', mount, { stdio: 'ignore' });
  } catch {
    t.skip('mounting a small filesystem needs root');
    return;
  }
  try {
    const env = { VANTIO_API_KEY: newApiKey(), VANTIO_OUTPUT_FILE: join(directory, 'l.ndjson') };
    const ran = await runAgent('steps.mjs', { args: ['6', '20', '1'], env });
    assert.deepEqual([ran.code, ran.stdout, ran.stderr], [0, 'done\n', '']);
    const files = readdirSync(directory);
    const texts = files.map((name) => readFileSync(join(directory, name), 'utf8'));
    assert.ok(texts.join('').length > 40_000, 'the disk was filled');
    for (const text of texts) assert.ok(text === '' || text.endsWith('\n'), 'no torn line');
    assertWholeChains(readLedger(directory));
  } finally {
    execFileSync('umount', [directory]);
  }
});
