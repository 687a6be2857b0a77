import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseEnvelope } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { skip as noEmulator } from '../testing/emulated.ts';
import { mortal } from '../testing/mortal.ts';
import { createEmitter, linesOf } from '../testing/records.ts';
import { createSealing, createTenant, RECEIVED } from '../testing/sealing.ts';
import { missingStorageServer, startStorageServer } from '../testing/storage-server.ts';
import { allTenants, DUE_MINUTES, DUE_ROWS, dirtyTenants } from './find-tenants.ts';
import { sealTenant } from './seal-tenant.ts';

const skip = noEmulator || missingStorageServer();
const sealing = skip ? undefined : await createSealing(await startStorageServer({ after }));
after(() => sealing?.database.close());

test('a tenant is due at a tile of rows, at half of the promise, or when its newest leaves are not signed', {
  skip,
}, async () => {
  assert.ok(sealing);
  const { database, parts } = sealing;
  const names = new Map<string, string>();
  const tenant = (name: string) => {
    const made = createTenant(sealing);
    names.set(made.tenantId, name);
    return made;
  };
  /** A row that was committed so many minutes ago: written as such, for the emulator's clock is this machine's. */
  const storedAgo = async (tenantId: string, minutes: number): Promise<void> => {
    const [line = ''] = linesOf(createEmitter(tenantId), 1);
    const { ledger } = ledgerRows(parseEnvelope(line), RECEIVED);
    const at = new Date(Date.now() - minutes * 60_000).toISOString();
    await database.table('TrueTimeLedger').insert([{ ...ledger, CommitTimestamp: at }]);
  };
  const due = async () => (await dirtyTenants(database)).map((id) => names.get(id)).sort();

  assert.deepEqual(await due(), []);
  await tenant('few and new').store(DUE_ROWS - 1);
  const many = tenant('many');
  await many.store(DUE_ROWS);
  const waiting = tenant('waiting');
  await storedAgo(waiting.tenantId, DUE_MINUTES + 1);
  await storedAgo(tenant('not waiting long').tenantId, DUE_MINUTES - 1);
  await storedAgo(tenant('of yesterday').tenantId, 24 * 60);
  const left = tenant('left behind');
  await left.store(2);
  await assert.rejects(sealTenant(mortal(parts, 1).parts, left.tenantId, 'newest'), /killed/);
  assert.deepEqual(await due(), ['left behind', 'many', 'waiting']);
  for (const { tenantId } of [many, waiting, left]) await sealTenant(parts, tenantId, 'newest');
  assert.deepEqual(await due(), []);

  const all: string[] = [];
  for await (const tenantId of allTenants(database)) all.push(tenantId);
  assert.deepEqual(all, [...names.keys()].sort());
});
