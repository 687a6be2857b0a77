import type { Database } from '@google-cloud/spanner';
import { openRotation, type Rotation } from '@vantio/schema/tlog/rotation';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { COMMITTED_NOW, insertOnce } from '../spanner/insert-once.ts';

/** How the keys of a tenant's log took over from each other, in the table `Rotations`: inserted, and never changed. */
export type Rotations = {
  /** In order. @throws {TlogError} if a note is damaged. */
  readonly all: () => Promise<readonly Rotation[]>;
  /** @param number from 1 on. */
  readonly at: (number: number) => Promise<Uint8Array | undefined>;
  /** @throws {TlogError} `inconsistent` if another note is there. */
  readonly put: (number: number, note: Uint8Array) => Promise<void>;
};

const ALL = 'SELECT Number, Note FROM Rotations WHERE TenantId = @tenantId ORDER BY Number';
const AT = 'SELECT Note FROM Rotations WHERE TenantId = @tenantId AND Number = @number';

export function createRotations(database: Database, tenantId: string): Rotations {
  const ask = async (
    sql: string,
    number?: number,
  ): Promise<readonly { readonly Note: string }[]> => {
    const [rows] = await database.run({
      sql,
      params: { tenantId, ...(number === undefined ? {} : { number }) },
      ...(number === undefined ? {} : { types: { number: 'int64' } }),
      json: true,
    });
    return rows as unknown as readonly { readonly Note: string }[];
  };
  const at = async (number: number): Promise<Uint8Array | undefined> => {
    const [row] = await ask(AT, number);
    return row && Buffer.from(row.Note);
  };
  return {
    all: async () => (await ask(ALL)).map(({ Note }) => openRotation(Note)),
    at,
    put: async (number, note) => {
      const text = Buffer.from(note).toString();
      const { head, from, to } = openRotation(text);
      const row = {
        TenantId: tenantId,
        Number: number,
        TreeSize: head.size,
        FromKey: Buffer.from(from.publicKey).toString('hex'),
        ToKey: Buffer.from(to.publicKey).toString('hex'),
        Note: text,
        CommitTimestamp: COMMITTED_NOW,
      };
      if ((await insertOnce(database, 'Rotations', [row])) === 'inserted') return;
      if (String(await at(number)) !== text)
        throw new TlogError('inconsistent', `another rotation note ${number} is there already`);
    },
  };
}
