import assert from 'node:assert/strict';
import { parseLedgerLine, recordKey, recordMac } from '@vantio/schema';
import { type CanonicalValue, canonicalize } from '@vantio/schema/canonical';
import { ledgerLineText } from '@vantio/schema/format-ledger-line';
import { API_KEY, ledgerLines, sampleSession } from '@vantio/schema/vectors/sample-session';
import type { Target } from '../fuzz.ts';
import { isEnvelopeError } from './refusals.ts';

const sealed = sampleSession({ root: true });
const samples = ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY })));
const records = new Set(samples.map((line) => parseLedgerLine(line).canonical));
const key = recordKey(API_KEY);

export const ledgerLine: Target = {
  name: 'ledger-line',
  samples,
  isRefusal: isEnvelopeError,
  judge: (text) => {
    const { record, canonical, mac, receivedAt, receivedMac } = parseLedgerLine(text);
    assert.equal(ledgerLineText(canonical, mac, receivedAt, receivedMac), text);
    assert.equal(canonicalize(record as unknown as CanonicalValue), canonical);
    if (recordMac(key, canonical) === mac) assert.ok(records.has(canonical));
  },
};
