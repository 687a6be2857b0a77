import { generateKeyPairSync } from 'node:crypto';
import type { Database } from '@google-cloud/spanner';
import { makeApiKey } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { createControlSession, nowInstant } from '../../ingest/control-session.ts';
import { COMMITTED_NOW, insertTogether } from '../spanner/insert-once.ts';

/** What the log says of its keys. */
export type SignerWord =
  | { readonly type: 'signer_rotated'; readonly keyId: string; readonly nextKeyId: string }
  | { readonly type: 'signer_revoked'; readonly keyId: string };

export type SignerRecords = {
  /** Indexes of the leaves that say it; undefined for a row of the ledger that is no leaf yet. */
  readonly leavesOf: (word: SignerWord) => Promise<readonly (number | undefined)[]>;
  /** Puts a record in the tenant's ledger, once for each size of the newest checkpoint. */
  readonly say: (word: SignerWord, afterSize: number) => Promise<void>;
};

const FIND = `SELECT f.LeafIndex FROM SignerRecords AS s
  LEFT JOIN Leaves@{FORCE_INDEX=LeafOfRecord} AS f
    ON f.TenantId = s.TenantId AND f.EventId = s.EventId AND f.RecordHash = s.RecordHash AND f.TraceId = s.TraceId
  WHERE s.TenantId = @tenantId AND s.EventType = @type AND s.SignerId = @keyId AND s.NextSignerId = @nextKeyId`;

/**
 * The control plane's records about the keys of a tenant's log. Each is one commit with a row of `SignerRecords`, so that it is
 * said once, whoever is killed and whoever runs beside.
 *
 * They stand in a session of their own, under an API key that is made for it and kept by nobody: the sealer has none of the
 * tenant's keys, and needs none of the operator's. What vouches for them is the log.
 * @param recorder opened as the database role `key_recorder`.
 */
export function createSignerRecords(
  database: Database,
  recorder: () => Promise<Database>,
  tenantId: string,
): SignerRecords {
  return {
    leavesOf: async (word) => {
      const [rows] = await database.run({
        sql: FIND,
        params: { tenantId, type: word.type, keyId: word.keyId, nextKeyId: nextOf(word) },
        json: true,
      });
      return (rows as unknown as readonly { readonly LeafIndex: number | null }[]).map(
        ({ LeafIndex }) => LeafIndex ?? undefined,
      );
    },
    say: async (word, afterSize) => {
      const records = rowsOf(tenantId, word);
      const said = records.find(({ isWord }) => isWord)?.ledger;
      if (said === undefined) throw new Error('the session lacks its record');
      await insertTogether(await recorder(), {
        SignerRecords: [
          {
            TenantId: tenantId,
            EventType: word.type,
            SignerId: word.keyId,
            NextSignerId: nextOf(word),
            AfterSize: afterSize,
            TraceId: said.TraceId,
            EventId: said.EventId,
            RecordHash: said.RecordHash,
            CommitTimestamp: COMMITTED_NOW,
          },
        ],
        TrueTimeLedger: records.map(({ ledger }) => ({
          ...ledger,
          CommitTimestamp: COMMITTED_NOW,
        })),
      });
    },
  };
}

const nextOf = (word: SignerWord): string => (word.type === 'signer_rotated' ? word.nextKeyId : '');

/** A session of three records: what is said, between a start and a signed end. */
function rowsOf(tenantId: string, word: SignerWord) {
  const keptByNobody = generateKeyPairSync('ed25519').privateKey;
  const session = createControlSession(makeApiKey({ tenantId, plan: 'control' }, keptByNobody));
  session.start();
  session.say({
    event_type: word.type,
    action_taken: 'RECORDED',
    signer_id: word.keyId,
    ...(word.type === 'signer_rotated' ? { next_signer_id: word.nextKeyId } : {}),
  });
  session.end({ end_reason: 'shutdown' });
  const receivedAt = nowInstant();
  return session.offer().records.map((envelope) => ({
    isWord: envelope.record.event_type === word.type,
    ...ledgerRows(envelope, receivedAt),
  }));
}
