import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { checkpointText, openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { cosign, witnessKeyOf } from '@vantio/schema/tlog/cosignature';
import { signNote } from '@vantio/schema/tlog/note';
import {
  createNoteSigner,
  createNoteVerifier,
  formatVerifierKey,
  rawPublicKey,
} from '@vantio/schema/tlog/note-keys';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { createCosignatures } from './cosignatures.ts';

const ORIGIN = 'log.example/test';
const { privateKey } = generateKeyPairSync('ed25519');
const verifier = createNoteVerifier({
  name: ORIGIN,
  type: 'ed25519',
  publicKey: rawPublicKey(privateKey),
});
const witnesses = ['witness.example/w1', 'witness.example/w2', 'witness.example/w3'].map(
  (name) => ({
    name,
    key: generateKeyPairSync('ed25519').privateKey,
  }),
);
const vkeys = witnesses.map(({ name, key }) => formatVerifierKey(witnessKeyOf(name, key)));

/** A log of two checkpoints. */
async function logOf(policy: string) {
  const kept = new Map([['witnesses', policy]]);
  for (const size of [1, 2]) {
    const text = checkpointText({ origin: ORIGIN, size, root: leafHash(Buffer.from(`${size}`)) });
    kept.set(`checkpoints/${size}`, await signNote(text, [createNoteSigner(ORIGIN, privateKey)]));
  }
  const cosignatures = createCosignatures(
    {
      read: async (path) => {
        const found = kept.get(path);
        return found === undefined ? undefined : Buffer.from(found);
      },
      writeOnce: async () => {},
      replace: async ({ path, bytes }) => void kept.set(path, Buffer.from(bytes).toString()),
      dropPartials: async () => {},
    },
    verifier,
  );
  const at = (size: number) => kept.get(`checkpoints/${size}`) ?? assert.fail();
  return {
    ...cosignatures,
    setPolicy: (text: string) => kept.set('witnesses', text),
    served: (size: number) => cosignatures.under(openCheckpoint(at(size), verifier)),
    by: (size: number, who: number) => {
      const { name, key } = witnesses[who] ?? assert.fail();
      const note = at(size);
      return cosignatures.take(`${note}${cosign(`${note.split('\n\n')[0]}\n`, 1000, name, key)}\n`);
    },
  };
}

test('a checkpoint is witnessed once a quorum has cosigned it; every line is served all the same', async () => {
  const log = await logOf([...vkeys, 'quorum 2'].join('\n'));
  await log.by(1, 0);
  assert.equal(await log.newest(), 0);
  assert.ok((await log.served(1)).includes(witnesses[0]?.name ?? '-'));
  // The same one again is still one.
  await log.by(1, 0);
  assert.equal(await log.newest(), 0);
  await log.by(1, 2);
  assert.equal(await log.newest(), 1);
  await log.by(2, 1);
  assert.equal(await log.newest(), 1);
});

test('without a quorum one is enough, and a witness that was let go counts for none', async () => {
  const log = await logOf(vkeys.join('\n'));
  await log.by(1, 1);
  assert.equal(await log.newest(), 1);
  const other = await logOf([...vkeys, 'quorum 2'].join('\n'));
  await other.by(2, 0);
  other.setPolicy([...vkeys.slice(1), 'quorum 2'].join('\n'));
  await other.by(2, 1);
  assert.equal(await other.newest(), 0);
  await other.by(2, 2);
  assert.equal(await other.newest(), 2);
});
