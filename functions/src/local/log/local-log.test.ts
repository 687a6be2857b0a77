import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, chmodSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordHash } from '@vantio/schema';
import { holdsReceipt } from '@vantio/schema/receipt';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { cosign } from '@vantio/schema/tlog/cosignature';
import { decodeBase64 } from '@vantio/schema/tlog/note';
import { ed25519PublicKey, formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { tileAt, tilePath } from '@vantio/schema/tlog/tiles';
import { parseTlogProof, verifyTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { verifyConsistency } from '@vantio/schema/tlog/verify-proof';
import type { Problem } from '@vantio/schema/wire/problem';
import type { Taken } from '../../log/cosignatures.ts';
import { createEmitter, ndjson } from '../../testing/emitter.ts';
import { createHouse, post } from '../../testing/local.ts';
import { linesOfLedger, logDirectoryOf, requireSound, verifierOf } from '../../testing/log.ts';

const get = (url: string, path: string, apiKey?: string): Promise<Response> =>
  fetch(`${url}/api/v1/${path}`, {
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
  });

/** The newest checkpoint, once it covers so many leaves. */
async function sealed(url: string, apiKey: string, size: number): Promise<string> {
  for (;;) {
    const answer = await get(url, 'checkpoint', apiKey);
    const text = await answer.text();
    if (answer.status === 200 && Number(text.split('\n')[1]) >= size) return text;
    await sleep(50);
  }
}

test('what ingest took in is promised, sealed and proved, to its tenant alone', async (t) => {
  const house = createHouse(t);
  const { url } = await house.start();
  const [acme, other] = [house.key('acme'), house.key('other')];
  const [first, second] = [createEmitter(acme), createEmitter(other)];
  const records = first.batch(300);
  const { body } = await post(url, acme, ndjson(records));
  await post(url, other, ndjson(second.batch(2)));
  const lines = linesOfLedger(house.ledger);

  const verifier = verifierOf(house.ledger);
  const vkey = readFileSync(house.ledger.replace(/ndjson$/, 'vkey'), 'utf8').trim();
  const logKey = ed25519PublicKey(
    Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1),
  );
  assert.ok(body.receipt && holdsReceipt(body.receipt, logKey));
  const { receipt } = body.receipt;
  assert.deepEqual(
    receipt.events,
    records.map(({ record, canonical }) => ({
      event_id: record.event_id,
      record_hash: recordHash(canonical),
    })),
  );
  assert.equal(receipt.received_at, body.received_at);
  assert.equal(receipt.origin, verifier.name);
  assert.equal(Date.parse(receipt.merge_by) - Date.parse(receipt.received_at), 5000);
  receipt.events.pop();
  assert.ok(!holdsReceipt(body.receipt, logKey));

  const checkpoint = openCheckpoint(await sealed(url, acme, lines.length), verifier);
  const eventId = records[299]?.record.event_id ?? '';
  const answer = await get(url, `proof/${eventId}`, acme);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('cache-control'), 'private, no-cache');
  const proof = parseTlogProof(await answer.text());
  const entry = Buffer.from(proof.extra ?? []);
  assert.deepEqual(entry, lines[proof.index]);
  assert.equal(JSON.parse(entry.toString()).record.event_id, eventId);
  assert.equal(verifyTlogProof(proof, leafHash(entry), verifier).size, checkpoint.size);

  for (const [path, key, status, code] of [
    [`proof/${eventId}`, other, 404, 'not_sealed'],
    [`proof/${eventId}`, undefined, 401, 'missing_key'],
    ['proof/..%2Fcheckpoint', acme, 404, 'not_found'],
    ['tile/entries/000', acme, 403, 'operator_only'],
    ['tile/0/../../place', acme, 404, 'not_found'],
    ['tile/0/1', acme, 404, 'not_found'],
    ['tile/0/999', acme, 404, 'not_sealed'],
    ['checkpoints/NaN', acme, 404, 'not_found'],
    [`checkpoints/${2n ** 63n}`, acme, 404, 'not_found'],
    ['consistency/5/4', acme, 404, 'not_found'],
    ['consistency/1/9007199254740991', acme, 404, 'not_found'],
  ] as const) {
    const refused = await get(url, path, key);
    assert.equal(refused.status, status, path);
    assert.equal(((await refused.json()) as Problem).type, `urn:vantio:problem:${code}`);
  }
  const tile = await get(url, 'tile/0/000', other);
  assert.equal(tile.headers.get('cache-control'), 'private, max-age=31536000, immutable');
  assert.equal((await tile.arrayBuffer()).byteLength, 8192);
  assert.equal((await get(url, 'tile/entries/000', house.controlKey())).status, 200);
  await requireSound(house.ledger);
});

test('consistency proofs lead from any checkpoint to any later one', async (t) => {
  const house = createHouse(t);
  const { url } = await house.start();
  const key = house.key();
  const emitter = createEmitter(key);
  const roots = new Map<number, Uint8Array>();
  for (let batch = 0; batch < 3; batch++) {
    await post(url, key, ndjson(emitter.batch(batch * 100)));
    const size = linesOfLedger(house.ledger).length;
    const { root, size: signed } = openCheckpoint(
      await sealed(url, key, size),
      verifierOf(house.ledger),
    );
    roots.set(signed, root);
  }
  for (const [first, firstRoot] of roots)
    for (const [second, secondRoot] of roots) {
      if (first > second) continue;
      const answer = await get(url, `consistency/${first}/${second}`, key);
      assert.equal(answer.status, 200);
      const hashes = (await answer.text()).split('\n').slice(0, -1).map(decodeBase64);
      verifyConsistency({
        first: { size: first, root: firstRoot },
        second: { size: second, root: secondRoot },
        hashes: hashes as Uint8Array[],
      });
    }
});

test('a cosignature is taken from a witness that the operator named, and served under its checkpoint', async (t) => {
  const house = createHouse(t);
  const { url } = await house.start();
  const key = house.key();
  const send = async (body: string) => {
    const answer = await fetch(`${url}/api/v1/cosignatures`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/plain' },
      body,
    });
    return { status: answer.status, body: (await answer.json()) as Problem & Taken };
  };
  const emitter = createEmitter(key);
  const records = emitter.batch(5);
  await post(url, key, ndjson(records));
  const size = linesOfLedger(house.ledger).length;
  const checkpoint = await sealed(url, key, size);
  const { note } = openCheckpoint(checkpoint, verifierOf(house.ledger));
  const { privateKey } = generateKeyPairSync('ed25519');
  const cosigned = (text: string, time: number): string =>
    `${checkpoint}${cosign(text, time, 'witness.example/w1', privateKey)}\n`;

  const stranger = await send(cosigned(note.text, 1000));
  assert.equal(stranger.status, 422);
  assert.match(stranger.body.detail, /no line is of a witness that this log knows/);
  const witness = formatVerifierKey({
    name: 'witness.example/w1',
    type: 'cosignatureEd25519',
    publicKey: rawPublicKey(privateKey),
  });
  writeFileSync(
    join(logDirectoryOf(house.ledger), 'witnesses'),
    `# who may cosign\n\n${witness}\n`,
  );
  assert.equal((await send(cosigned(`${note.text}x\n`, 1000))).status, 422);
  assert.equal((await send('nonsense')).status, 422);
  const taken = await send(cosigned(note.text, 1000));
  assert.deepEqual(taken, { status: 200, body: { size, taken: 1 } });
  // A later word of the same witness takes nothing away from the first.
  await send(cosigned(note.text, 2000));
  const served = await sealed(url, key, size);
  assert.equal(served, cosigned(note.text, 1000));

  // The proof is under the checkpoint that was witnessed, though the log has gone on.
  await post(url, key, ndjson([emitter.event()]));
  await sealed(url, key, size + 1);
  const answer = await get(url, `proof/${records[0]?.record.event_id}`, key);
  const proof = parseTlogProof(await answer.text());
  assert.equal(proof.checkpoint, cosigned(note.text, 1000));
  verifyTlogProof(proof, leafHash(proof.extra ?? new Uint8Array()), verifierOf(house.ledger));
});

test('the log goes on after a restart, across rotated files, and does not mind where it had come to', async (t) => {
  const house = createHouse(t);
  const key = house.key();
  let emitter = createEmitter(key);
  for (let start = 0; start < 4; start++) {
    const server = await house.start({ maxSegmentBytes: 100_000 });
    await post(server.url, key, ndjson(emitter.batch(start * 80)));
    emitter = createEmitter(key);
    await server.close();
    assert.equal((await requireSound(house.ledger)).size, linesOfLedger(house.ledger).length);
    // A hint that lies, then none.
    if (start === 1) writeFileSync(join(logDirectoryOf(house.ledger), 'place'), '{"size":1}');
    if (start === 2) truncateSync(join(logDirectoryOf(house.ledger), 'place'), 3);
  }
  assert.deepEqual(house.log, []);
});

test('a damaged tile is made again from the ledger; a ledger that is not what was sealed is refused', async (t) => {
  const house = createHouse(t);
  const key = house.key();
  const server = await house.start();
  await post(server.url, key, ndjson(createEmitter(key).batch(300)));
  await server.close();
  const { size } = await requireSound(house.ledger);
  const damage = async (): Promise<void> => {
    const { size } = await requireSound(house.ledger);
    const path = tilePath(tileAt(0, Math.floor(size / 256), size) ?? assert.fail());
    const tile = join(logDirectoryOf(house.ledger), path);
    chmodSync(tile, 0o644);
    truncateSync(tile, 100);
  };
  await damage();
  await (await house.start()).close();
  assert.match(house.log.join('\n'), /are damaged; they are made again from the ledger/);
  assert.ok((await requireSound(house.ledger)).size > size);

  let text = readFileSync(house.ledger, 'latin1');
  for (const change of [
    (all: string) => all.replace('"duration_us":1', '"duration_us":2'),
    (all: string) => `${all.split('\n').slice(0, -4).join('\n')}\n`,
  ]) {
    const changed = change(text);
    assert.notEqual(changed, text);
    await damage();
    writeFileSync(house.ledger, changed, 'latin1');
    await assert.rejects(house.start(), { name: 'TlogError', code: 'inconsistent' });
    writeFileSync(house.ledger, text, 'latin1');
    // Put right, it is sealed again from where it was.
    await (await house.start()).close();
    text = readFileSync(house.ledger, 'latin1');
  }
  appendFileSync(house.ledger.replace(/ndjson$/, 'vkey'), '\n');
  await assert.rejects(house.start(), { name: 'StateDirError', code: 'bad_state' });
});
