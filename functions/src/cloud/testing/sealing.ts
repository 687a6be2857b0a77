import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Database } from '@google-cloud/spanner';
import { parseEnvelope } from '@vantio/schema';
import { formatLogEntry } from '@vantio/schema/log-entry';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { formatBundle } from '@vantio/schema/tlog/entry-bundle';
import { rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { TILE_WIDTH, tilePath, tilesBetween } from '@vantio/schema/tlog/tiles';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { equalHashes, leafHash } from '@vantio/schema/tlog/tree-hash';
import { type LogIdentity, type LogKeys, logIdentity, originOf } from '../log-key/log-identity.ts';
import type { LogKey } from '../log-key/open-log-key.ts';
import type { StorageServer } from '../mirror/storage-server.ts';
import { createCheckpoints } from '../seal/checkpoints.ts';
import { leafEntries } from '../seal/leaf-entries.ts';
import type { SealTenantOptions } from '../seal/seal-tenant.ts';
import { createTenantFiles } from '../seal/tenant-files.ts';
import { createCommit } from '../spanner/commit.ts';
import { createStoreOnce } from '../spanner/store-once.ts';
import { openBucket } from '../storage/open-bucket.ts';
import { createLedger } from './emulated.ts';
import { createEmitter, linesOf } from './records.ts';

export const LOG_NAME = 'log.example';
export const RECEIVED = '2026-11-25T10:00:00.000000Z';

/** A ledger and buckets of its own, and the sealer's parts over them. */
export async function createSealing(server: Pick<StorageServer, 'makeBucket'>) {
  const { database, path } = await createLedger();
  const { privateKey } = generateKeyPairSync('ed25519');
  const current = logKeyOf(privateKey);
  const keys: LogKeys = { current, publicKeys: [current.publicKey], revoked: [] };
  const identity = (tenantId: string): LogIdentity =>
    logIdentity(originOf(LOG_NAME, tenantId), keys);
  const buckets = { settled: await server.makeBucket(), moving: await server.makeBucket() };
  const parts: SealTenantOptions = {
    database,
    recorder: async () => database,
    settled: openBucket(buckets.settled),
    moving: openBucket(buckets.moving),
    identityOf: async (tenantId) => identity(tenantId),
  };
  const storeOnce = createStoreOnce({ commit: await createCommit(database) });
  return { database, path, buckets, parts, privateKey, keys, identity, storeOnce };
}

export const logKeyOf = (privateKey: KeyObject): LogKey => ({
  publicKey: rawPublicKey(privateKey),
  sign: async (text) => sign(null, Buffer.from(text), privateKey),
});

export type Sealing = Awaited<ReturnType<typeof createSealing>>;

/** A tenant whose sessions can be stored, commit by commit. */
export function createTenant({ storeOnce }: Sealing) {
  const tenantId = `t${randomBytes(6).toString('hex')}`;
  return {
    tenantId,
    /** One commit of so many records of a new session. */
    store: (records: number) =>
      storeOnce(
        linesOf(createEmitter(tenantId), records).map((line) =>
          ledgerRows(parseEnvelope(line), RECEIVED),
        ),
      ),
  };
}

/** The ledger's rows as entries, in commit order: what a log without backdated rows must hold. */
export async function entriesInOrder(database: Database, tenantId: string) {
  const [rows] = await database.run({
    sql: `SELECT Record, RecordMac, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', CommitTimestamp, 'UTC') AS Committed
      FROM TrueTimeLedger WHERE TenantId = @tenantId ORDER BY CommitTimestamp, EventId, TraceId, RecordHash`,
    params: { tenantId },
    json: true,
  });
  return (
    rows as unknown as { readonly Record: string; RecordMac: string; Committed: string }[]
  ).map((row) =>
    Buffer.from(
      formatLogEntry({
        commitTimestamp: row.Committed,
        receivedAt: RECEIVED,
        canonical: row.Record,
        mac: row.RecordMac,
      }),
    ),
  );
}

/** Every checkpoint is of the first of these entries; every tile of the newest is what they make. @returns the sizes. */
export async function requireSoundLog(
  { database, parts, identity }: Sealing,
  tenantId: string,
  entries: readonly Uint8Array[],
): Promise<readonly number[]> {
  const [rows] = await database.run({
    sql: 'SELECT TreeSize, Note FROM Checkpoints WHERE TenantId = @tenantId ORDER BY TreeSize',
    params: { tenantId },
    json: true,
  });
  const notes = new Map(
    (rows as unknown as { TreeSize: number; Note: string }[]).map((row) => [
      row.TreeSize,
      row.Note,
    ]),
  );
  const { verifier } = identity(tenantId);
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('of nothing')));
  for (const entry of entries) {
    edge.append(leafHash(entry));
    const note = notes.get(edge.size());
    if (note === undefined) continue;
    const { size, root } = openCheckpoint(note, verifier);
    assert.equal(size, edge.size());
    assert.ok(equalHashes(root, edge.root()), `the root of ${size}`);
  }
  const sizes = [...notes.keys()];
  const newest = sizes.at(-1) ?? 0;
  assert.equal(newest, entries.length);
  const hashes = new Map(
    [...edge.takeFullTiles(), ...edge.partialTiles()].map(({ tile, bytes }) => [
      tilePath(tile),
      bytes,
    ]),
  );
  const files = createTenantFiles({
    ...parts,
    tenantId,
    entries: (from, to) => leafEntries(database, tenantId, from, to),
    checkpoints: createCheckpoints(database, tenantId),
  });
  for (const tile of tilesBetween(0, newest)) {
    const from = tile.index * TILE_WIDTH;
    const expected =
      tile.level === 'entries'
        ? formatBundle(entries.slice(from, from + tile.width))
        : hashes.get(tilePath(tile));
    const found = await files.read(tilePath(tile));
    assert.ok(expected && found && Buffer.compare(expected, found) === 0, tilePath(tile));
  }
  return sizes;
}

/** Keys of logs of which the one that was in charge hands over to a new one, as when the settings name it; and those after. */
export function rotating(keys: LogKeys) {
  const next = logKeyOf(generateKeyPairSync('ed25519').privateKey);
  const publicKeys = [...keys.publicKeys, next.publicKey];
  return {
    during: { ...keys, next, publicKeys } satisfies LogKeys,
    after: { current: next, publicKeys, revoked: keys.revoked } satisfies LogKeys,
  };
}

/** The parts of a sealer with other keys. */
export const withKeys = (parts: SealTenantOptions, keys: LogKeys): SealTenantOptions => ({
  ...parts,
  identityOf: async (tenantId) => logIdentity(originOf(LOG_NAME, tenantId), keys),
});
