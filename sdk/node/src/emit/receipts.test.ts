import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { judge } from './answer.ts';
import { keepReceipts, OLDER_RECEIPTS, RECEIPTS } from './receipts.ts';

const EVENTS = [{ event_id: 'e', status: 'accepted' }];
const RECEIPT = { receipt: { origin: 'vantio.local/a' }, signature: 'ab'.repeat(64) };
const answer = (receipt?: unknown): string => JSON.stringify({ events: EVENTS, receipt });

test('a receipt is kept, a line each, in files that are bounded and rotated', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vantio-receipts-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const post = keepReceipts(async () => judge(202, undefined, answer(RECEIPT), 1, 0), {
    open: () => directory,
  });
  const path = join(directory, RECEIPTS);
  await post('', 1);
  await post('', 1);
  const line = `${JSON.stringify(RECEIPT)}\n`;
  assert.equal(readFileSync(path, 'utf8'), line.repeat(2));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  for (let file = 0; file < 3; file++) {
    truncateSync(path, 8 * 1024 * 1024);
    await post('', 1);
    assert.equal(readFileSync(path, 'utf8'), line);
  }
  assert.deepEqual(readdirSync(directory).sort(), [OLDER_RECEIPTS, RECEIPTS]);
});

test('what cannot be kept, or is no receipt, changes nothing for the batch', async () => {
  for (const receipt of [undefined, null, 'x', 7, {}, { signature: 'AB'.repeat(64) }])
    assert.deepEqual(judge(202, undefined, answer(receipt), 1, 0), {
      kind: 'stored',
      receipt: undefined,
    });
  const post = keepReceipts(async () => judge(202, undefined, answer(RECEIPT), 1, 0), {
    open: () => {
      throw new Error('no disk');
    },
  });
  assert.equal((await post('', 1)).kind, 'stored');
});
