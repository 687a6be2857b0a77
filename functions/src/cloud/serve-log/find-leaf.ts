import type { Database } from '@google-cloud/spanner';
import type { FindLeaf } from '../../log/log-reader.ts';
import { leafEntries } from '../seal/leaf-entries.ts';

// The first of an event id: of a conflict, whose records share one, the proof is of that.
const LEAF = `SELECT LeafIndex FROM Leaves@{FORCE_INDEX=LeafOfRecord}
  WHERE TenantId = @tenantId AND EventId = @eventId AND LeafIndex < @size
  ORDER BY LeafIndex LIMIT 1`;

export const createFindLeaf =
  (database: Database): FindLeaf =>
  async (tenantId, eventId, size) => {
    const [rows] = await database.run({
      sql: LEAF,
      params: { tenantId, eventId, size },
      types: { size: 'int64' },
      json: true,
    });
    const [leaf] = rows as unknown as readonly { readonly LeafIndex: number }[];
    if (leaf === undefined) return undefined;
    const index = leaf.LeafIndex;
    const [entry] = (await leafEntries(database, tenantId, index, index + 1)) ?? [];
    return entry && { index, entry };
  };
