import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { canonicalize } from '@vantio/schema/canonical';
import { ReceiptError, readReceipt } from '@vantio/schema/read-receipt';
import { holdsReceipt } from '@vantio/schema/receipt-signature';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { EVENTS, receipt as signed } from '@vantio/schema/vectors/sample-log';
import type { Target } from '../fuzz.ts';

const publicKey = createPublicKey(fixedKey('log'));
const receipts = [signed(), signed({ events: EVENTS.slice(0, 1), origin: 'log.example/a' })];
const promised = new Set(receipts.map(({ receipt: each }) => canonicalize(each)));

export const receipt: Target = {
  name: 'receipt',
  samples: receipts.map((each) => JSON.stringify(each)),
  isRefusal: (error): error is ReceiptError => error instanceof ReceiptError,
  judge: (text) => {
    const read = readReceipt(text);
    assert.equal(JSON.stringify(read), text);
    if (holdsReceipt(read, publicKey)) assert.ok(promised.has(canonicalize(read.receipt)));
  },
};
