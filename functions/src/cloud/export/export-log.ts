import type { Database } from '@google-cloud/spanner';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { parseNote } from '@vantio/schema/tlog/note';
import { createDiskLogFiles } from '../../local/log/disk-log-files.ts';
import { rotationPath } from '../../log/read-rotations.ts';
import { openSealer } from '../../log/sealer.ts';

/** The signed side of a tenant's log, as it stood when it was asked for. */
export type SignedLog = {
  readonly origin: string;
  /** Of the newest checkpoint. */
  readonly size: number;
  readonly checkpoints: ReadonlyMap<number, string>;
  /** Notes, from the first on. */
  readonly rotations: readonly string[];
  /** Lines of witnesses by size. */
  readonly cosignatures: ReadonlyMap<number, readonly string[]>;
};

const ROTATIONS = 'SELECT TreeSize, Note FROM Rotations WHERE TenantId = @tenantId ORDER BY Number';
const CHECKPOINTS =
  'SELECT TreeSize, Note FROM Checkpoints WHERE TenantId = @tenantId ORDER BY TreeSize';
const COSIGNATURES = `SELECT TreeSize, Line FROM Cosignatures WHERE TenantId = @tenantId
  ORDER BY TreeSize, CommitTimestamp, Witness`;

/** To be asked for before the rows are: these have an entry for each leaf then. Undefined before the first checkpoint. */
export async function readSignedLog(
  database: Database,
  tenantId: string,
): Promise<SignedLog | undefined> {
  const ask = async <T>(sql: string): Promise<readonly T[]> => {
    const [rows] = await database.run({ sql, params: { tenantId }, json: true });
    return rows as unknown as readonly T[];
  };
  const notes = await ask<{ readonly TreeSize: number; readonly Note: string }>(CHECKPOINTS);
  const newest = notes.at(-1);
  if (newest === undefined) return undefined;
  const cosignatures = new Map<number, string[]>();
  for (const { TreeSize, Line } of await ask<{ TreeSize: number; Line: string }>(COSIGNATURES))
    cosignatures.set(TreeSize, [...(cosignatures.get(TreeSize) ?? []), Line]);
  const { origin, size } = parseCheckpointText(parseNote(newest.Note).text);
  // After the checkpoints, of which each key that signed one had taken over by then; what came since is of a larger tree.
  const rotations = (await ask<{ readonly TreeSize: number; readonly Note: string }>(ROTATIONS))
    .filter(({ TreeSize }) => TreeSize <= size)
    .map(({ Note }) => Note);
  return {
    origin,
    size,
    rotations,
    checkpoints: new Map(notes.map(({ TreeSize, Note }) => [TreeSize, Note])),
    cosignatures,
  };
}

const ENTRIES_AT_ONCE = 1024;

/**
 * Writes a tenant's log as the files of schema/log.md, section 2: tiles and bundles made from the rows, and what was signed over
 * them. Whether the rows make what was signed is not asked here: `vantio verify` asks it.
 * @param directory that is not there yet.
 */
export async function createLogWriter({ origin, size, ...signed }: SignedLog, directory: string) {
  const files = createDiskLogFiles(directory);
  const none = { name: origin, keyId: '' };
  const sealer = await openSealer({
    files,
    // Asked for nothing: what was signed is there, and a checkpoint to open is not.
    signer: { ...none, sign: () => Promise.reject(new Error('an export signs nothing')) },
    verifier: { ...none, verify: () => false },
  });
  let pending: Uint8Array[] = [];

  const append = async (): Promise<void> => {
    const entries = pending;
    pending = [];
    await sealer.append(entries);
  };

  return {
    /** Takes the next entry; those behind the newest checkpoint are left out. */
    add: async (entry: Uint8Array): Promise<void> => {
      if (sealer.size() + pending.length >= size) return;
      pending.push(entry);
      if (pending.length === ENTRIES_AT_ONCE) await append();
    },
    /** @returns leaves that were written. */
    finish: async (): Promise<number> => {
      await append();
      await sealer.flush();
      const notes = [...signed.checkpoints].map(([at, note]) => ({
        path: `checkpoints/${at}`,
        bytes: Buffer.from(note),
      }));
      const lines = [...signed.cosignatures].map(([at, own]) => ({
        path: `cosignatures/${at}`,
        bytes: Buffer.from(`${own.join('\n')}\n`),
      }));
      const rotations = signed.rotations.map((note, at) => ({
        path: rotationPath(at + 1),
        bytes: Buffer.from(note),
      }));
      await files.writeOnce([...notes, ...lines, ...rotations]);
      const newest = signed.checkpoints.get(size) ?? '';
      await files.replace({ path: 'checkpoint', bytes: Buffer.from(newest) });
      return sealer.size();
    },
  };
}

export type LogWriter = Awaited<ReturnType<typeof createLogWriter>>;
