import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { parseEnvelope, readApiKey, recordHash } from '@vantio/schema';
import { holdsReceipt } from '@vantio/schema/receipt-signature';
import { createEmitter, linesOf } from '../testing/records.ts';
import { makeReceiptKey } from './make-receipt-key.ts';
import { createCloudPromise } from './promise-to-log.ts';

const [log, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const NOW = Date.parse('2026-11-25T10:00:00Z');
const AT = '2026-11-25T10:00:00.000000Z';
const DAY = 86_400_000;

async function promised(
  made: Partial<{ logName: string; key: typeof log; now: number; text: string }>,
) {
  const { logName = 'log.example', key = log, now = NOW } = made;
  const { text } = await makeReceiptKey({
    ...{ logName, now, days: 1 },
    sign: (words) => sign(null, Buffer.from(words), key.privateKey),
  });
  const faults: string[] = [];
  const promise = createCloudPromise({
    readSecret: async () => made.text ?? text,
    ...{ logName: 'log.example', logKeys: [log.publicKey], now: () => NOW },
    onFault: (_, error) => faults.push((error as { readonly code: string }).code),
  });
  const emitter = createEmitter('acme');
  const records = linesOf(emitter, 3).map((line) => {
    const envelope = parseEnvelope(line);
    return { ...envelope, hash: recordHash(envelope.canonical) };
  });
  return { receipt: await promise(records, AT, readApiKey(emitter.apiKey)), records, faults };
}

test('a batch is promised to its tenant’s log within ten minutes, under the word of the log’s key', async () => {
  const { receipt: signed, records, faults } = await promised({});
  assert.ok(signed);
  assert.deepEqual(faults, []);
  assert.ok(holdsReceipt(signed, log.publicKey));
  assert.ok(!holdsReceipt(signed, other.publicKey));
  const { receipt } = signed;
  assert.equal(receipt.origin, 'log.example/acme');
  assert.equal(receipt.merge_by, '2026-11-25T10:10:00.000000Z');
  assert.deepEqual(
    receipt.events,
    records.map(({ record, hash }) => ({ event_id: record.event_id, record_hash: hash })),
  );
});

test('a key that readers would not take promises nothing, and the operator is told', async () => {
  for (const [made, code] of [
    [{ logName: 'other.example' }, 'other_log'],
    [{ key: other }, 'uncertified'],
    [{ now: NOW - 2 * DAY }, 'expired'],
    [{ now: NOW + DAY }, 'expired'],
    [{ text: 'word' }, 'no_key'],
  ] as const) {
    const { receipt, faults } = await promised(made);
    assert.deepEqual([receipt, faults], [undefined, [code]]);
  }
});
