import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { createNoteSigner, createNoteVerifier, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { equalHashes, leafHash } from '@vantio/schema/tlog/tree-hash';
import type { LogFiles } from './log-files.ts';
import { openSealer } from './sealer.ts';

const NAME = 'log.example/test';
const { privateKey } = generateKeyPairSync('ed25519');
const signer = createNoteSigner(NAME, privateKey);
const verifier = createNoteVerifier({
  name: NAME,
  type: 'ed25519',
  publicKey: rawPublicKey(privateKey),
});

/** Files in memory, as a disk that loses nothing; `fault` is asked before each change and may throw. */
function createMemoryFiles(fault: () => void = () => {}) {
  const kept = new Map<string, Uint8Array>();
  const files: LogFiles = {
    read: async (path) => kept.get(path),
    writeOnce: async (all) => {
      for (const { path, bytes } of all) {
        fault();
        const there = kept.get(path);
        if (there && Buffer.compare(there, bytes) !== 0)
          throw new TlogError('inconsistent', `${path} is there already, with other bytes`);
        kept.set(path, bytes);
      }
    },
    replace: async ({ path, bytes }) => {
      fault();
      kept.set(path, bytes);
    },
    dropPartials: async (paths) => {
      fault();
      for (const path of paths)
        for (const other of kept.keys()) if (other.startsWith(`${path}.p/`)) kept.delete(other);
    },
  };
  return { files, kept };
}

const entriesOf = (count: number, word = 'entry'): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, at) => Buffer.from(`${word} ${at}`));

async function rootOf(entries: readonly Uint8Array[]): Promise<Uint8Array> {
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('of nothing')));
  for (const entry of entries) edge.append(leafHash(entry));
  return edge.root();
}

test('a sealer that is killed at any write goes on where it was: each entry is a leaf once, in order', async () => {
  const entries = entriesOf(700);
  const steps = [1, 254, 1, 1, 200, 55, 188];
  let changes = 0;
  let killAt = Number.POSITIVE_INFINITY;
  const { files, kept } = createMemoryFiles(() => {
    if (++changes > killAt) throw new Error('killed');
  });
  /** Seals up to the end in steps. */
  const run = async (): Promise<void> => {
    const sealer = await openSealer({ files, signer, verifier });
    let end = 0;
    for (const step of steps) {
      end += step;
      if (sealer.size() >= end) continue;
      await sealer.append(entries.slice(sealer.size(), end));
      await sealer.publish();
    }
  };
  await run();
  const whole = changes;
  assert.ok(whole > 20);
  const expected = new Map(kept);
  for (let kill = 0; kill < whole; kill++) {
    kept.clear();
    [changes, killAt] = [0, kill];
    await assert.rejects(run(), /killed/);
    // A second kill, in the middle of the recovery.
    [changes, killAt] = [0, 2];
    await run().catch(() => {});
    killAt = Number.POSITIVE_INFINITY;
    await run();
    for (const [path, bytes] of expected)
      assert.deepEqual(kept.get(path), bytes, `${path} after a kill at ${kill}`);
  }
  const last = openCheckpoint(Buffer.from(kept.get('checkpoint') ?? []).toString(), verifier);
  assert.equal(last.size, 700);
  assert.ok(equalHashes(last.root, await rootOf(entries)));
});

test('of two sealers one signs; the other finds out before it does', async () => {
  const { files, kept } = createMemoryFiles();
  const [one, other] = [
    await openSealer({ files, signer, verifier }),
    await openSealer({ files, signer, verifier }),
  ];
  await one.append(entriesOf(3));
  await one.publish();
  await other.append(entriesOf(3, 'forged'));
  const before = kept.get('checkpoint');
  await assert.rejects(other.publish(), { name: 'TlogError', code: 'inconsistent' });
  await other.append(entriesOf(1, 'more'));
  await assert.rejects(other.publish(), { name: 'TlogError', code: 'inconsistent' });
  assert.equal(kept.get('checkpoint'), before);
  await one.append(entriesOf(2));
  await one.publish();
});

test('nothing is signed over tiles that are not what was appended, nor over a checkpoint of another key', async () => {
  const { files, kept } = createMemoryFiles();
  const faulty: LogFiles = {
    ...files,
    writeOnce: (all) =>
      files.writeOnce(
        all.map(({ path, bytes }) => ({
          path,
          bytes: path === 'tile/0/000.p/201' ? bytes.with(7, (bytes[7] ?? 0) ^ 1) : bytes,
        })),
      ),
  };
  const sealer = await openSealer({ files: faulty, signer, verifier });
  await sealer.append(entriesOf(200));
  await sealer.publish();
  const before = kept.get('checkpoint');
  await sealer.append(entriesOf(1));
  await assert.rejects(sealer.publish(), {
    code: 'inconsistent',
    message: 'the tiles as they were written make another root',
  });
  assert.equal(kept.get('checkpoint'), before);

  const path = 'tile/0/000.p/200';
  const tile = kept.get(path) ?? assert.fail();
  kept.set(path, tile.with(7, (tile[7] ?? 0) ^ 1));
  await assert.rejects(openSealer({ files, signer, verifier }), { code: 'inconsistent' });
  kept.set(path, tile.subarray(1));
  await assert.rejects(openSealer({ files, signer, verifier }), { code: 'bad_tile' });
  kept.set(path, tile);
  const { privateKey: otherKey } = generateKeyPairSync('ed25519');
  const other = createNoteVerifier({
    name: NAME,
    type: 'ed25519',
    publicKey: rawPublicKey(otherKey),
  });
  await assert.rejects(
    openSealer({ files, signer: createNoteSigner(NAME, otherKey), verifier: other }),
    { code: 'unknown_key' },
  );
  assert.equal((await openSealer({ files, signer, verifier })).size(), 200);
});
