import { generateKeyPairSync } from 'node:crypto';
import {
  formatLedgerLine,
  makeApiKey,
  parseEnvelope,
  receivedKey,
  ZERO_HASH,
} from '@vantio/schema';
import { createEmitter, makeLines } from './batches.ts';

/** Lines of a ledger by one emitter, each chained to the one before. */
export function makeLedgerLines(lines: number): readonly string[] {
  const signer = generateKeyPairSync('ed25519').privateKey;
  const apiKey = makeApiKey({ tenantId: 'bench', plan: 'local' }, signer);
  const key = receivedKey(apiKey);
  let previous = ZERO_HASH;
  return makeLines(createEmitter(apiKey), lines).map((envelope) => {
    const { record, canonical, mac } = parseEnvelope(envelope);
    const line = formatLedgerLine({
      canonical,
      recordMac: mac,
      receivedAt: record.occurred_at,
      key,
      previous,
    });
    previous = line.receivedMac;
    return line.text;
  });
}
