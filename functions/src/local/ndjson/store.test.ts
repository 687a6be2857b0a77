import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { receivedKey } from '@vantio/schema';
import { createEmitter, ndjson } from '../../testing/emitter.ts';
import { emitted, ledgerFiles, readLedger, verifyLedger } from '../../testing/ledger.ts';
import { createHouse, post, spawnServer, statuses } from '../../testing/local.ts';
import { openControlKey, openKeymaker } from '../keys/keymaker.ts';
import { type OpenAppendHandle, openAppendHandle } from './append-file.ts';
import { REFRESH_MILLIS } from './lock.ts';
import { openNdjsonStore } from './store.ts';

test('files rotate by size, are sealed by a record, made read-only, and still answer for duplicates', async (t) => {
  const house = createHouse(t);
  const server = await house.start({ maxSegmentBytes: 50_000 });
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  const bodies = [
    emitter.batch(49),
    ...Array.from({ length: 5 }, () => Array.from({ length: 50 }, () => emitter.event())),
  ].map(ndjson);
  for (const body of bodies) assert.equal((await post(server.url, apiKey, body)).status, 202);
  await server.close();
  const [first = '', ...others] = ledgerFiles(house.ledger);
  assert.ok(others.length >= 3);
  assert.equal(statSync(first).mode & 0o777, 0o400);
  const rotation = readLedger(house.ledger).find(({ record }) => record.event_type === 'rotation');
  const bytes = readFileSync(first);
  assert.equal(rotation?.record.segment, 1);
  assert.equal(rotation?.record.segment_bytes, bytes.length);
  assert.equal(rotation?.record.segment_records, bytes.toString().split('\n').length - 1);
  assert.equal(rotation?.record.segment_sha256, createHash('sha256').update(bytes).digest('hex'));
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
  const again = await house.start({ maxSegmentBytes: 50_000 });
  for (const body of bodies)
    assert.deepEqual(
      new Set(statuses(await post(again.url, apiKey, body))),
      new Set(['duplicate']),
    );
});

test('closed files are append-only where the file system and the rights allow', async (t) => {
  const house = createHouse(t);
  const server = await house.start({ maxSegmentBytes: 10_000, appendOnly: true });
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  for (const records of [emitter.batch(20), Array.from({ length: 20 }, () => emitter.event())])
    await post(server.url, apiKey, ndjson(records));
  await server.close();
  const [first = ''] = ledgerFiles(house.ledger);
  const said = house.log.filter((line) => line.includes('not append-only'));
  if (said.length > 0) {
    assert.equal(said.length, 1);
    t.skip(said[0] ?? '');
    return;
  }
  try {
    await assert.rejects(open(first, 'r+'), { code: 'EPERM' });
    assert.throws(() => unlinkSync(first), { code: 'EPERM' });
  } finally {
    for (const file of ledgerFiles(house.ledger)) execFileSync('chattr', ['-a', file]);
  }
});

test('a torn last line is cut back, and a recovery record says by how much', async (t) => {
  const house = createHouse(t);
  const first = await house.start();
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  await post(first.url, apiKey, ndjson(emitter.batch(3)));
  await first.close();
  const whole = statSync(house.ledger).size;
  appendFileSync(house.ledger, '{"received_at":"2026-11-22T');
  const server = await house.start();
  const cut = readLedger(house.ledger).find(({ record }) => record.event_type === 'recovery');
  assert.equal(cut?.record.cut_bytes, 27);
  assert.equal(cut?.record.cut_offset, whole);
  assert.deepEqual(statuses(await post(server.url, apiKey, ndjson([emitter.event()]))), [
    'accepted',
  ]);
  await server.close();
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
});

test('a torn disclosures file is cut back too', async (t) => {
  const house = createHouse(t);
  await (await house.start()).close();
  const beside = house.ledger.replace('.ndjson', '.disclosures.ndjson');
  writeFileSync(beside, '{"event_id":"x"}\n{"event_');
  await house.start();
  assert.equal(readFileSync(beside, 'utf8'), '{"event_id":"x"}\n');
});

test('nothing is forgotten when index or snapshot are lost, damaged or from another time', async (t) => {
  const house = createHouse(t);
  let server = await house.start({ maxSegmentBytes: 30_000 });
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  const bodies = [
    emitter.batch(20),
    ...Array.from({ length: 4 }, () => Array.from({ length: 20 }, () => emitter.event())),
  ].map(ndjson);
  const [first = '', ...rest] = bodies;
  await post(server.url, apiKey, first);
  await server.close();
  const index = house.ledger.replace('.ndjson', '.index');
  const snapshot = house.ledger.replace('.ndjson', '.snapshot');
  const early = [readFileSync(index), readFileSync(snapshot)] as const;
  server = await house.start({ maxSegmentBytes: 30_000 });
  for (const body of rest) await post(server.url, apiKey, body);
  const spoil: readonly (() => void)[] = [
    () => {},
    () => rmSync(index),
    () => rmSync(snapshot),
    () => truncateSync(index, 100),
    () => writeFileSync(snapshot, '{}'),
    () => writeFileSync(snapshot, early[1]),
    () => {
      writeFileSync(index, early[0]);
      writeFileSync(snapshot, early[1]);
    },
  ];
  for (const [at, act] of spoil.entries()) {
    await server.close();
    act();
    server = await house.start({ maxSegmentBytes: 30_000 });
    for (const body of bodies)
      assert.deepEqual(
        new Set(statuses(await post(server.url, apiKey, body))),
        new Set(['duplicate']),
        `case ${at}`,
      );
  }
  assert.equal(emitted(house.ledger).length, 101);
});

test('a start after a clean end goes on from the snapshot, without reading the ledger anew', async (t) => {
  const house = createHouse(t);
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  const bodies: string[] = [];
  for (const records of [emitter.batch(3), [emitter.event()], [emitter.event()]]) {
    const server = await house.start();
    bodies.push(ndjson(records));
    assert.deepEqual(
      new Set(statuses(await post(server.url, apiKey, bodies.at(-1) ?? ''))),
      new Set(['accepted']),
    );
    await server.close();
  }
  assert.deepEqual(house.log, []);
  const server = await house.start();
  for (const body of bodies)
    assert.deepEqual(
      new Set(statuses(await post(server.url, apiKey, body))),
      new Set(['duplicate']),
    );
});

test('a crash between closing a file and saying so is made good at the next start', async (t) => {
  const house = createHouse(t);
  const first = await house.start();
  const apiKey = house.key();
  const body = ndjson(createEmitter(apiKey).batch(5));
  await post(first.url, apiKey, body);
  await first.close();
  renameSync(house.ledger, house.ledger.replace('.ndjson', '.000001.ndjson'));
  const server = await house.start();
  assert.deepEqual(new Set(statuses(await post(server.url, apiKey, body))), new Set(['duplicate']));
  await server.close();
  const said = readLedger(house.ledger).filter(({ record }) => record.event_type === 'rotation');
  assert.deepEqual(
    said.map(({ record }) => [record.segment, record.segment_records]),
    [[1, 8]],
  );
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
});

test('a server whose lock was taken away writes nothing more', async (t) => {
  const house = createHouse(t);
  t.mock.timers.enable({ apis: ['setInterval'] });
  const server = await house.start();
  const apiKey = house.key();
  writeFileSync(house.ledger.replace('.ndjson', '.lock'), '{}');
  t.mock.timers.tick(REFRESH_MILLIS);
  const size = statSync(house.ledger).size;
  const answer = await post(server.url, apiKey, ndjson(createEmitter(apiKey).batch(1)));
  assert.equal(answer.status, 503);
  await server.close();
  assert.equal(statSync(house.ledger).size, size);
});

test('a second server on one file writes beside it, and both ledgers verify', async (t) => {
  const house = createHouse(t);
  const first = await house.start();
  const second = await house.start();
  assert.equal(first.ledgerFile, house.ledger);
  assert.match(second.ledgerFile, /audit\.w-[0-9a-f]{16}\.ndjson$/);
  const apiKey = house.key();
  for (const server of [first, second])
    assert.equal(
      (await post(server.url, apiKey, ndjson(createEmitter(apiKey).batch(3)))).status,
      202,
    );
  await first.close();
  await second.close();
  for (const server of [first, second]) {
    assert.deepEqual(verifyLedger(server.ledgerFile, [apiKey, house.controlKey()]).wrong, {});
    assert.equal(emitted(server.ledgerFile).length, 4);
  }
  const third = await house.start();
  assert.equal(third.ledgerFile, house.ledger);
});

test('the lock of a dead process is taken over, that of a living one is not', async (t) => {
  const house = createHouse(t);
  const options = ['--output-file', house.ledger, '--state-dir', house.stateDir];
  const child = await spawnServer(options);
  const beside = await house.start();
  assert.notEqual(beside.ledgerFile, house.ledger);
  await child.kill('SIGKILL');
  assert.ok(existsSync(house.ledger.replace('.ndjson', '.lock')));
  const after = await house.start();
  assert.equal(after.ledgerFile, house.ledger);
});

test('SIGTERM ends the session in the ledger and gives up the lock', async (t) => {
  const house = createHouse(t);
  const child = await spawnServer(['--output-file', house.ledger, '--state-dir', house.stateDir]);
  const apiKey = house.key();
  await post(child.url, apiKey, ndjson(createEmitter(apiKey).batch(1)));
  await child.kill('SIGTERM');
  const last = readLedger(house.ledger).at(-1)?.record;
  assert.equal(last?.event_type, 'session_end');
  assert.equal(last?.signal, 'SIGTERM');
  assert.deepEqual(
    readdirSync(house.directory).filter((name) => name.includes('.lock')),
    [],
  );
});

test('batches that wait together are synced once, and none is answered before that', async (t) => {
  const house = createHouse(t);
  const apiKey = house.key();
  let syncs = 0;
  let hold: Promise<void> | undefined;
  const store = await openNdjsonStore({
    outputFile: house.ledger,
    controlKey: openControlKey(house.stateDir, openKeymaker(house.stateDir)),
    log: () => {},
    openHandle: async (path) => {
      const handle = await openAppendHandle(path);
      return {
        write: (...args) => handle.write(...args),
        truncate: (length) => handle.truncate(length),
        close: () => handle.close(),
        datasync: async () => {
          syncs++;
          await hold;
          await handle.datasync();
        },
      };
    },
  });
  let release = (): void => {};
  hold = new Promise((resolve) => {
    release = resolve;
  });
  syncs = 0;
  let answered = 0;
  const key = receivedKey(apiKey);
  const receipts = Array.from({ length: 20 }, () => {
    const records = createEmitter(apiKey)
      .batch(1)
      .map((sealed) => ({ ...sealed, disclosures: [] }));
    return store.append({ tenantId: 'acme', receivedKey: key, records }).then(() => answered++);
  });
  while (syncs === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(answered, 0);
  release();
  await Promise.all(receipts);
  // The first went alone, for nothing else waited yet.
  assert.equal(syncs, 2);
  await store.close();
  assert.equal(emitted(house.ledger).length, 40);
});

/** A disk that takes so many bytes more, and then says what a full one says. */
function fullDisk() {
  const disk = { room: Number.POSITIVE_INFINITY, failSync: false, failTruncate: false };
  const full = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const openHandle: OpenAppendHandle = async (path) => {
    const handle = await open(path, existsSync(path) ? 'r+' : 'w+');
    return {
      write: async (buffer, offset, length, position) => {
        if (disk.room === 0) throw full();
        const taken = Math.min(length, disk.room);
        disk.room -= taken;
        return handle.write(buffer, offset, taken, position);
      },
      datasync: async () => {
        if (disk.failSync) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
        await handle.datasync();
      },
      truncate: async (length) => {
        if (disk.failTruncate) throw Object.assign(new Error('i/o error'), { code: 'EIO' });
        await handle.truncate(length);
      },
      close: () => handle.close(),
    };
  };
  return { disk, openHandle };
}

test('a full disk is a 503 with Retry-After, leaves no half batch, and is over when space returns', async (t) => {
  const house = createHouse(t);
  const { disk, openHandle } = fullDisk();
  const server = await house.start({ openHandle });
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  await post(server.url, apiKey, ndjson(emitter.batch(2)));
  const size = statSync(house.ledger).size;
  const body = ndjson([emitter.event(), emitter.event()]);
  for (const trouble of [
    { room: 0 },
    { room: 700 },
    { failSync: true },
    { room: 700, failTruncate: true },
  ]) {
    Object.assign(
      disk,
      { room: Number.POSITIVE_INFINITY, failSync: false, failTruncate: false },
      trouble,
    );
    const refused = await post(server.url, apiKey, body);
    assert.equal(refused.status, 503);
    assert.equal(refused.body.type, 'urn:vantio:problem:store_unavailable');
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    if (!disk.failTruncate) assert.equal(statSync(house.ledger).size, size);
  }
  Object.assign(disk, { room: Number.POSITIVE_INFINITY, failSync: false, failTruncate: false });
  assert.deepEqual(statuses(await post(server.url, apiKey, body)), ['accepted', 'accepted']);
  assert.equal(emitted(house.ledger).length, 5);
  await server.close();
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
});

test('refusals that a full disk keeps from being recorded do not pile up: so many wait, the others are counted', async (t) => {
  const house = createHouse(t);
  const { disk, openHandle } = fullDisk();
  const server = await house.start({ openHandle, rateLimit: 0 });
  disk.room = 0;
  const refuse = async (): Promise<void> => {
    const authorization = `Bearer ${house.key()}`;
    const { status } = await fetch(`${server.url}/api/v1/config`, { headers: { authorization } });
    assert.equal(status, 429);
  };
  for (let refused = 0; refused < 1010; refused++) await refuse();
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  disk.room = Number.POSITIVE_INFINITY;
  await refuse();
  await server.close();
  const said = readLedger(house.ledger).map(({ record }) => record);
  const refusals = said.filter(({ event_type }) => event_type === 'rate_refused');
  const losses = said.filter(({ event_type }) => event_type === 'loss');
  assert.equal(refusals.length, 1000);
  assert.deepEqual(
    losses.map(({ loss_reason, lost_events }) => [loss_reason, lost_events]),
    [['queue_full', 11]],
  );
  assert.deepEqual(verifyLedger(house.ledger, [house.controlKey()]).wrong, {});
});

test('a file system that really is full: 503, no acknowledgement, recovery when space returns', async (t) => {
  const mount = mkdtempSync(join(tmpdir(), 'vantio-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', mount], { stdio: 'pipe' });
  } catch {
    rmSync(mount, { recursive: true });
    t.skip('mounting a small tmpfs was not permitted');
    return;
  }
  t.after(() => {
    execFileSync('umount', ['-l', mount]);
    rmSync(mount, { recursive: true });
  });
  const house = createHouse(t, mount);
  const server = await house.start();
  const apiKey = house.key();
  const emitter = createEmitter(apiKey);
  const acknowledged = emitter.batch(10);
  await post(server.url, apiKey, ndjson(acknowledged));
  let refused = 0;
  for (let round = 0; round < 40 && refused === 0; round++) {
    const records = Array.from({ length: 50 }, () => emitter.event());
    const body = ndjson(records);
    const answer = await post(server.url, apiKey, body);
    if (answer.status === 202) continue;
    assert.equal(answer.status, 503);
    refused++;
    assert.ok(readFileSync(house.ledger, 'latin1').endsWith('\n'));
    execFileSync('mount', ['-o', 'remount,size=4m', mount]);
    assert.deepEqual(
      new Set(statuses(await post(server.url, apiKey, body))),
      new Set(['accepted']),
    );
  }
  assert.equal(refused, 1);
  await server.close();
  assert.deepEqual(verifyLedger(house.ledger, [apiKey, house.controlKey()]).wrong, {});
});
