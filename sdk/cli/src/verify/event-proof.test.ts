import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseLedgerLine } from '@vantio/schema/ledger-line';
import { cosign, witnessKeyOf } from '@vantio/schema/tlog/cosignature';
import { HAS_ML_DSA_44, NO_ML_DSA_44 } from '@vantio/schema/tlog/cosignature-ml-dsa';
import { parseNote, signNote } from '@vantio/schema/tlog/note';
import {
  createNoteSigner,
  formatVerifierKey,
  type NoteKey,
  rawPublicKey,
} from '@vantio/schema/tlog/note-keys';
import { rotationText } from '@vantio/schema/tlog/rotation';
import { tilePath } from '@vantio/schema/tlog/tiles';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { formatTlogProof, parseTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { startChromium, WITHOUT_CHROMIUM } from '../testing/chromium.ts';
import { LONG_EPOCH, longLedger } from '../testing/long-ledger.ts';
import { cosignHead, LOG_KEY, sealLedger, signHead, WITNESS_VKEY } from '../testing/seal-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { type EventProof, type EventProofRequest, judgeEvent } from './event-proof.ts';

const SIZE = 300;
const INDEX = 271;
const NEXT_KEY = fixedKey('next log');

/** Requests about one event of a log, and what should be said of each; undefined: it is sound. */
async function requests(
  t: TestContext,
): Promise<readonly (readonly [EventProofRequest, string | undefined])[]> {
  const file = longLedger(join(temporaryDirectory(t), 'ledger.ndjson'), SIZE);
  const { directory, vkey, origin, heads } = await sealLedger(file, { sizes: [200, SIZE] });
  const head = heads.get(SIZE);
  const before = heads.get(200);
  assert.ok(head && before);
  const lines = readFileSync(file).toString('latin1').split('\n');
  const hashes = await createTreeReader(SIZE, async (tile) =>
    readFileSync(join(directory, tilePath(tile))),
  ).inclusion(INDEX);
  const extra = Buffer.from(lines[INDEX] ?? '');
  const checkpoint = await signHead(head);
  const eventId = parseLedgerLine(lines[INDEX] ?? '').record.event_id;
  const proof = formatTlogProof({ index: INDEX, hashes, checkpoint, extra });
  const cosigned = `${proof}${cosignHead(head, LONG_EPOCH + 9)}\n`;
  const forged = `${proof}${cosignHead({ ...head, size: SIZE - 1 }, LONG_EPOCH + 9)}\n`;
  const changed = (part: Partial<ReturnType<typeof parseTlogProof>>): string =>
    formatTlogProof({ index: INDEX, hashes, checkpoint, extra, ...part });
  const pins = { eventId, vkey, witnesses: [WITNESS_VKEY] };
  const keyOf = (key: KeyObject): NoteKey => ({
    name: origin,
    type: 'ed25519',
    publicKey: rawPublicKey(key),
  });
  const note = await signNote(
    rotationText({ head: before, from: keyOf(LOG_KEY), to: keyOf(NEXT_KEY) }),
    [LOG_KEY, NEXT_KEY].map((key) => createNoteSigner(origin, key)),
  );
  const handedOver = {
    ...{ eventId, vkey, rotations: [note] },
    proof: changed({ checkpoint: await signHead(head, NEXT_KEY) }),
  };
  return [
    [{ ...pins, proof: cosigned }, undefined],
    [{ ...pins, proof }, undefined],
    [{ ...pins, proof: cosigned, witnesses: [] }, undefined],
    [{ ...pins, proof: forged }, 'a cosignature of witness.example/w1 does not hold'],
    [
      { ...pins, proof: changed({ checkpoint: await signHead(head, fixedKey('other')) }) },
      'the checkpoint is not signed by the key that was named',
    ],
    [handedOver, undefined],
    [{ ...handedOver, vkey: formatVerifierKey(keyOf(NEXT_KEY)) }, undefined],
    [{ ...handedOver, rotations: [] }, 'the checkpoint is not signed by the key that was named'],
    [
      { ...handedOver, proof },
      'the checkpoint is signed by a key of the log, but not by each one that was to sign a tree of its size',
    ],
    [
      { ...handedOver, vkey: formatVerifierKey(keyOf(fixedKey('other'))) },
      'no key that was pinned is one of the rotation',
    ],
    [
      { ...handedOver, rotations: [note.replace('\nto ', '\nTo ')] },
      'a rotation note has two lines after its root: from, and to',
    ],
    [
      { ...pins, proof: changed({ extra: Buffer.from(lines[0] ?? '') }) },
      'the inclusion proof leads to another root',
    ],
    [{ ...pins, proof: changed({ index: 3 }) }, 'the inclusion proof lacks hashes'],
    [{ ...pins, proof: '' }, 'the proof does not begin with c2sp.org/tlog-proof@v1'],
    [
      { ...pins, proof: cosigned, eventId: '0'.repeat(36) },
      'the proof is of another event than was asked for',
    ],
  ];
}

test('an event is in the log, witnessed or not, or it is said why nobody knows', async (t) => {
  const found = (await requests(t)).map(([request, reason]) => {
    const said = judgeEvent(request);
    if (said.verdict === 'rejected') assert.equal(said.reason, reason);
    else assert.equal(reason, undefined);
    return said;
  });
  const [witnessed, unwitnessed, unpinned] = found;
  assert.ok(witnessed && witnessed.verdict !== 'rejected');
  assert.deepEqual(
    [witnessed.verdict, witnessed.words, witnessed.index, witnessed.size],
    ['verified', ['verified', 'witnessed by 1'], INDEX, SIZE],
  );
  for (const one of [unwitnessed, unpinned]) {
    assert.ok(one && one.verdict !== 'rejected');
    assert.deepEqual(
      [one.verdict, one.words],
      ['verified with notes', ['in the log', 'unwitnessed']],
    );
  }
});

test('a key that is none is told, not taken for a proof that does not hold', async (t) => {
  const [[request] = []] = await requests(t);
  assert.ok(request);
  assert.throws(() => judgeEvent({ ...request, vkey: 'x' }), TlogError);
});

test('Chromium says of each proof what Node says', { skip: WITHOUT_CHROMIUM }, async (t) => {
  const chromium = await startChromium();
  t.after(() => chromium.close());
  const page = await chromium.openPage();
  for (const [request] of await requests(t)) {
    const said = await page.evaluate((request) => {
      const { vantio } = globalThis as unknown as {
        readonly vantio: { readonly verifyEvent: (request: unknown) => Promise<unknown> };
      };
      return vantio.verifyEvent(request);
    }, request);
    assert.deepEqual(said, judgeEvent(request));
  }
});

test('Chromium checks a cosignature of ML-DSA-44 if its WebCrypto has that, and otherwise leaves it unmeasured', {
  skip: WITHOUT_CHROMIUM || (!HAS_ML_DSA_44 && NO_ML_DSA_44),
}, async (t) => {
  const chromium = await startChromium();
  t.after(() => chromium.close());
  const page = await chromium.openPage();
  const isThere = await page.evaluate(() => {
    const { SubtleCrypto: subtle } = globalThis as unknown as {
      readonly SubtleCrypto: { readonly supports?: (what: string, name: string) => boolean };
    };
    return subtle.supports?.('verify', 'ML-DSA-44') === true;
  });
  t.diagnostic(`this Chromium has ${isThere ? '' : 'no '}ML-DSA-44`);
  const witness = 'witness.example/ml-dsa';
  const { privateKey } = generateKeyPairSync('ml-dsa-44' as 'ed25519') as unknown as {
    readonly privateKey: KeyObject;
  };
  const [, [plain] = []] = await requests(t);
  assert.ok(plain);
  const { checkpoint = '' } = parseTlogProof(plain.proof);
  const { text } = parseNote(checkpoint);
  const line = cosign(text, LONG_EPOCH + 9, witness, privateKey);
  const witnesses = [formatVerifierKey(witnessKeyOf(witness, privateKey))];
  const ask = (cosignature: string) =>
    page.evaluate(
      (request) => {
        const { vantio } = globalThis as unknown as {
          readonly vantio: { readonly verifyEvent: (request: unknown) => Promise<EventProof> };
        };
        return vantio.verifyEvent(request);
      },
      { ...plain, witnesses, proof: `${plain.proof}${cosignature}\n` },
    );
  const said = await ask(line);
  assert.ok(said.verdict !== 'rejected');
  assert.deepEqual(
    said.words,
    isThere ? ['verified', 'witnessed by 1'] : ['in the log', 'unwitnessed'],
  );
  assert.equal(said.unmeasuredCosignatures.length, isThere ? 0 : 1);
  // Of another time than it was made for.
  const forged = await ask(cosign(text.replace(`${SIZE}`, `${SIZE + 1}`), 1, witness, privateKey));
  assert.equal(forged.verdict, isThere ? 'rejected' : 'verified with notes');
});
