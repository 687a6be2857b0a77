import type { Database } from '@google-cloud/spanner';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { parseNote } from '@vantio/schema/tlog/note';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { COMMITTED_NOW, insertOnce } from '../spanner/insert-once.ts';

/** The signed tree heads of a tenant, in the table `Checkpoints`: inserted, and never changed. */
export type Checkpoints = {
  readonly newest: () => Promise<Uint8Array | undefined>;
  readonly at: (size: number) => Promise<Uint8Array | undefined>;
  /**
   * @param previous size of the checkpoint that it goes on from, of which nothing else does then; 0: it is the first. Absent:
   * it is put back.
   * @throws {TlogError} `inconsistent` if another one of this size is there, or another one that goes on from there.
   */
  readonly put: (note: Uint8Array, previous?: number) => Promise<void>;
};

const NEWEST = `SELECT Note FROM Checkpoints@{FORCE_INDEX=CheckpointsNewest}
  WHERE TenantId = @tenantId ORDER BY TreeSize DESC LIMIT 1`;
const AT = 'SELECT Note FROM Checkpoints WHERE TenantId = @tenantId AND TreeSize = @size';

export function createCheckpoints(database: Database, tenantId: string): Checkpoints {
  const ask = async (sql: string, size?: number): Promise<Uint8Array | undefined> => {
    const [rows] = await database.run({
      sql,
      params: { tenantId, ...(size === undefined ? {} : { size }) },
      ...(size === undefined ? {} : { types: { size: 'int64' } }),
      json: true,
    });
    const [row] = rows as unknown as readonly { readonly Note: string }[];
    return row && Buffer.from(row.Note);
  };
  const at = (size: number) => ask(AT, size);
  return {
    newest: () => ask(NEWEST),
    at,
    put: async (note, previous) => {
      const text = Buffer.from(note).toString();
      const { size, root } = parseCheckpointText(parseNote(text).text);
      const row = {
        TenantId: tenantId,
        TreeSize: size,
        RootHash: Buffer.from(root).toString('hex'),
        Note: text,
        CommitTimestamp: COMMITTED_NOW,
        ...(previous === undefined ? {} : { PreviousSize: previous }),
      };
      if ((await insertOnce(database, 'Checkpoints', [row])) === 'inserted') return;
      if (String(await at(size)) !== text)
        throw new TlogError(
          'inconsistent',
          `another checkpoint of size ${size}, or after ${previous}, is there already`,
        );
    },
  };
}

/** Leaves that a checkpoint covers, unverified. @throws {TlogError} */
export const sizeOf = (checkpoint: Uint8Array): number =>
  parseCheckpointText(parseNote(Buffer.from(checkpoint).toString()).text).size;
