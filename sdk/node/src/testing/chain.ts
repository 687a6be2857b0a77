import assert from 'node:assert/strict';
import {
  type AuditRecord,
  canonicalize,
  publicKeyFromRaw,
  recordHash,
  sessionSignatureHolds,
  ZERO_HASH,
} from '@vantio/schema';

/** Every session in `records` is a whole chain with good signatures. @returns the sessions by id. */
export function assertWholeChains(
  records: readonly AuditRecord[],
): ReadonlyMap<string, readonly AuditRecord[]> {
  const sessions = new Map<string, AuditRecord[]>();
  for (const record of records) {
    const chain = sessions.get(record.session_id) ?? [];
    sessions.set(record.session_id, [...chain, record]);
  }
  for (const chain of sessions.values()) assertChain(chain);
  return sessions;
}

function assertChain(chain: readonly AuditRecord[]): void {
  const raw = chain[0]?.session_public_key;
  assert.ok(raw, 'the session starts with its public key');
  const key = publicKeyFromRaw(raw);
  let prev = ZERO_HASH;
  chain.forEach((record, at) => {
    assert.equal(record.seq, at, 'no gap in the chain');
    assert.equal(record.prev, prev, 'each record names the one before it');
    if (record.session_sig !== undefined) assert.ok(sessionSignatureHolds(key, record));
    prev = recordHash(canonicalize(record as never));
  });
}

export const ofType = (
  records: readonly AuditRecord[],
  type: AuditRecord['event_type'],
): readonly AuditRecord[] => records.filter(({ event_type }) => event_type === type);
