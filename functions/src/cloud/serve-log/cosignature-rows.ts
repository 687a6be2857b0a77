import type { Database } from '@google-cloud/spanner';
import { parseSignatureLine } from '@vantio/schema/tlog/note';
import { keyIdOf } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { parseWitnessPolicy } from '../../log/witness-policy.ts';
import type { CosignatureFiles } from '../seal/tenant-files.ts';
import { COMMITTED_NOW, insertOnce } from '../spanner/insert-once.ts';

const LINES = `SELECT Line FROM Cosignatures WHERE TenantId = @tenantId AND TreeSize = @size
  ORDER BY CommitTimestamp, Witness`;
// Those who are named now: a witness that was let go counts for none.
const NEWEST = `SELECT TreeSize FROM Cosignatures WHERE TenantId = @tenantId AND Witness IN UNNEST(@witnesses)
  GROUP BY TreeSize HAVING COUNT(*) >= @quorum
  ORDER BY TreeSize DESC LIMIT 1`;

/**
 * Witnesses' lines as rows of `Cosignatures`, in the place of the files that a log keeps of them. A row is a witness's first
 * word about a checkpoint: of two instances that take one at once, one inserts it.
 * @param witnesses verifier keys that lines are taken of, and their quorum, as the file `witnesses` has them.
 */
export function createCosignatureRows(
  database: Database,
  tenantId: string,
  witnesses: string,
): CosignatureFiles {
  const ask = async <T>(
    sql: string,
    params: Readonly<Record<string, number | readonly string[]>>,
  ): Promise<readonly T[]> => {
    const [rows] = await database.run({
      sql,
      params: { tenantId, ...params },
      types: { size: 'int64', quorum: 'int64', witnesses: { type: 'array', child: 'string' } },
      json: true,
    });
    return rows as unknown as readonly T[];
  };

  const linesOf = async (size: number): Promise<readonly string[]> =>
    (await ask<{ readonly Line: string }>(LINES, { size })).map(({ Line }) => Line);

  return {
    read: async (path) => {
      if (path === 'witnesses') return Buffer.from(witnesses);
      if (path === 'cosigned') {
        const policy = parseWitnessPolicy(witnesses);
        const names = policy.witnesses.map((key) => `${key.name} ${keyIdOf(key)}`);
        const [newest] = await ask<{ readonly TreeSize: number }>(NEWEST, {
          witnesses: names,
          quorum: policy.quorum,
        });
        return newest && Buffer.from(String(newest.TreeSize));
      }
      const size = sizeOf(path);
      return size === undefined ? undefined : Buffer.from((await linesOf(size)).join('\n'));
    },
    replace: async ({ path, bytes }) => {
      // The newest row says it.
      if (path === 'cosigned') return;
      const size = sizeOf(path);
      if (size === undefined) throw new TlogError('bad_path', 'the log has no such file');
      const known = new Set(await linesOf(size));
      const lines = Buffer.from(bytes)
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '' && !known.has(line));
      for (const line of lines)
        await insertOnce(database, 'Cosignatures', [
          {
            TenantId: tenantId,
            TreeSize: size,
            Witness: witnessOf(line),
            Line: line,
            CommitTimestamp: COMMITTED_NOW,
          },
        ]);
    },
  };
}

const witnessOf = (line: string): string => {
  const { name, keyId } = parseSignatureLine(line);
  return `${name} ${keyId}`;
};

const sizeOf = (path: string): number | undefined => {
  const [, size] = /^cosignatures\/([0-9]+)$/.exec(path) ?? [];
  return size === undefined ? undefined : Number(size);
};
