import { randomBytes } from 'node:crypto';
import {
  commitment,
  type Disclosure,
  type Envelope,
  parseEnvelope,
  receivedKey,
  receivedMac,
  type SealedRecord,
  ZERO_HASH,
} from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { createEmitter } from '../../testing/emitter.ts';
import type { ImportEntry } from '../import/import-entry.ts';

export const RECEIVED = '2026-11-23T10:00:00.000000Z';

/** A session of so many records, each with a disclosure, but for its start. */
export function disclosingSession(apiKey: string, count: number): readonly Envelope[] {
  const { start, event } = createEmitter(apiKey);
  const sealed = (at: number): SealedRecord => {
    if (at === 0) return start();
    const disclosure: Disclosure = {
      field: 'agent_name',
      salt: randomBytes(32).toString('hex'),
      value: `agent ${at}`,
    };
    return event({ agent_name_commit: commitment(disclosure) }, [disclosure]);
  };
  return Array.from({ length: count }, (_, at) => parseEnvelope(sealed(at).envelope));
}

/** These records as the lines of one writer's file. */
export function entriesOf(
  apiKey: string,
  envelopes: readonly Envelope[],
  receivedAt: string = RECEIVED,
): readonly ImportEntry[] {
  const key = receivedKey(apiKey);
  let previous = ZERO_HASH;
  let chainId: string | undefined;
  return envelopes.map((envelope, at) => {
    previous = receivedMac({ key, previous, receivedAt, recordMac: envelope.mac });
    chainId ??= previous;
    const rows = ledgerRows(envelope, receivedAt);
    const { TenantId, TraceId, EventId, RecordHash } = rows.ledger;
    return {
      rows,
      line: {
        TenantId,
        ChainId: chainId,
        LineNumber: at + 1,
        ReceivedMac: previous,
        TraceId,
        EventId,
        RecordHash,
        ReceivedAt: receivedAt,
      },
    };
  });
}
