import assert from 'node:assert/strict';
import { createPublicKey, sign } from 'node:crypto';
import { canonicalize } from '@vantio/schema/canonical';
import { ReceiptError, readReceipt } from '@vantio/schema/read-receipt';
import { certificateText } from '@vantio/schema/receipt-certificate';
import { holdsReceipt, signReceipt } from '@vantio/schema/receipt-signature';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { EVENTS, receipt as signed } from '@vantio/schema/vectors/sample-log';
import type { Target } from '../fuzz.ts';

const publicKey = createPublicKey(fixedKey('log'));
const certified = {
  log: 'log.example',
  not_after: '9999-01-01T00:00:00.000000Z',
  not_before: '2000-01-01T00:00:00.000000Z',
  public_key: rawPublicKey(createPublicKey(fixedKey('receipts'))),
};
const vouched = sign(null, Buffer.from(certificateText(certified)), fixedKey('log'));
const ofCloud = signed({ origin: 'log.example/acme' }).receipt;
const receipts = [
  signed(),
  signed({ events: EVENTS.slice(0, 1), origin: 'log.example/a' }),
  signReceipt(ofCloud, fixedKey('receipts'), {
    ...certified,
    signature: vouched.toString('hex'),
  }),
];
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
