import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@google-cloud/spanner';
import type { CommittedField } from '@vantio/schema';
import { eventIdBound, type Selection } from '../../erase/selection.ts';
import { isTransient } from '../spanner/grpc-status.ts';

/** All that the database role `eraser` can see of a disclosure: its key. */
export type DisclosureKey = {
  readonly TenantId: string;
  readonly TraceId: string;
  readonly EventId: string;
  readonly RecordHash: string;
  readonly Field: CommittedField;
};

/** A cloud ledger is looked through a tenant at a time. */
export type CloudSelection = Selection & { readonly tenantId: string };

export type ErasureDatabase = {
  readonly count: () => Promise<number>;
  /** Some of what is meant and is still there, in a strong read. */
  readonly find: (limit: number) => Promise<readonly DisclosureKey[]>;
  /** Deletes them, all or none; one that is gone already is no error. */
  readonly remove: (keys: readonly DisclosureKey[]) => Promise<void>;
};

const DEADLINE_MILLIS = 20_000;
const ATTEMPTS = 8;

export async function openErasureDatabase(
  database: Database,
  selection: CloudSelection,
): Promise<ErasureDatabase> {
  const { MutationSet, Spanner } = await import('@google-cloud/spanner');
  const { where, params } = conditionsOf(selection);
  const types = { eventIds: { type: 'array', child: 'string' } };

  const run = async <Row>(sql: string, more: object = {}): Promise<readonly Row[]> => {
    const request = { sql, params: { ...params, ...more }, types, json: true };
    const [rows] = await database.run(request);
    return rows as unknown as readonly Row[];
  };

  return {
    count: async () => {
      const [row] = await run<{ readonly Found: number }>(
        `SELECT COUNT(Field) AS Found FROM Disclosures WHERE ${where}`,
      );
      return row?.Found ?? 0;
    },
    find: (limit) =>
      run(
        `SELECT TenantId, TraceId, EventId, RecordHash, Field FROM Disclosures WHERE ${where} LIMIT @limit`,
        { limit: Spanner.int(limit) },
      ),
    remove: async (keys) => {
      const mutations = new MutationSet();
      mutations.deleteRows(
        'Disclosures',
        keys.map(({ TenantId, TraceId, EventId, RecordHash, Field }) => [
          TenantId,
          TraceId,
          EventId,
          RecordHash,
          Field,
        ]),
      );
      for (let attempt = 1; ; attempt++)
        try {
          await database.writeAtLeastOnce(mutations, { timeout: DEADLINE_MILLIS });
          return;
        } catch (error) {
          if (!isTransient(error) || attempt === ATTEMPTS) throw error;
          await sleep(Math.random() * Math.min(100 * 2 ** attempt, 5000));
        }
    },
  };
}

function conditionsOf({ tenantId, eventIds, traceId, field, before }: CloudSelection) {
  const parts: readonly (readonly [string, string, unknown])[] = [
    ['TenantId = @tenantId', 'tenantId', tenantId],
    ['TraceId = @traceId', 'traceId', traceId],
    ['EventId IN UNNEST(@eventIds)', 'eventIds', eventIds && [...eventIds]],
    ['Field = @field', 'field', field],
    ['EventId < @bound', 'bound', before === undefined ? undefined : eventIdBound(before)],
  ];
  const given = parts.filter(([, , value]) => value !== undefined);
  return {
    where: given.map(([condition]) => condition).join(' AND '),
    params: Object.fromEntries(given.map(([, name, value]) => [name, value])),
  };
}
