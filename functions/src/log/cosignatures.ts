import { type Checkpoint, openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { readCosignatures } from '@vantio/schema/tlog/cosignature';
import { type NoteVerifier, parseNote } from '@vantio/schema/tlog/note';
import { keyIdOf } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { equalHashes } from '@vantio/schema/tlog/tree-hash';
import type { LogFiles } from './log-files.ts';
import { parseWitnessPolicy } from './witness-policy.ts';

export type Taken = { readonly size: number; readonly taken: number };

const cosignaturesPath = (size: number): string => `cosignatures/${size}`;

/** Witnesses' lines under checkpoints: taken in, kept, and put under a checkpoint that is served. */
export function createCosignatures(
  files: LogFiles,
  verifier: NoteVerifier | readonly NoteVerifier[],
) {
  // One at a time: two lines that come at once are both kept.
  let taking: Promise<unknown> = Promise.resolve();

  /** What the operator named, in the log's file `witnesses`. */
  const policy = async () => parseWitnessPolicy(text(await files.read('witnesses')));

  const linesOf = async (size: number): Promise<readonly string[]> =>
    text(await files.read(cosignaturesPath(size)))
      .split('\n')
      .filter((line) => line !== '');

  /**
   * @param bytes a checkpoint with lines of witnesses. Attacker-controlled.
   * @throws {TlogError} `inconsistent` if the log signed another tree of that size; `bad_signature` or `unknown_key` for its lines.
   */
  const take = async (bytes: string): Promise<Taken> => {
    const cosigned = openCheckpoint(bytes, verifier);
    await requirePublished(cosigned);
    const { witnesses, quorum } = await policy();
    const cosignatures = readCosignatures(cosigned.note, witnesses);
    if (cosignatures.length === 0)
      throw new TlogError('unknown_key', 'no line is of a witness that this log knows');
    const known = await linesOf(cosigned.size);
    const signers = new Set(known.map(signerOf));
    // The first of a witness stands: it is the stronger word on when the checkpoint was there.
    const fresh = cosignatures
      .map(({ line }) => line)
      .filter((line) => !signers.has(signerOf(line)));
    if (fresh.length > 0)
      await files.replace({
        path: cosignaturesPath(cosigned.size),
        bytes: Buffer.from([...known, ...fresh, ''].join('\n')),
      });
    for (const line of fresh) signers.add(signerOf(line));
    const own = witnesses.filter((key) => signers.has(`${key.name} ${keyIdOf(key)}`));
    if (own.length >= quorum && cosigned.size > (await newest())) await noteNewest(cosigned.size);
    return { size: cosigned.size, taken: cosignatures.length };
  };

  const requirePublished = async ({ size, root }: Checkpoint): Promise<void> => {
    const published = await files.read(`checkpoints/${size}`);
    if (
      published === undefined ||
      !equalHashes(openCheckpoint(text(published), verifier).root, root)
    )
      throw new TlogError('inconsistent', 'this log has published no such checkpoint');
  };

  /** Size of the largest tree that a quorum of witnesses cosigned; 0: none. */
  const newest = async (): Promise<number> => Number(text(await files.read('cosigned')));
  const noteNewest = (size: number): Promise<void> =>
    files.replace({ path: 'cosigned', bytes: Buffer.from(String(size)) });

  return {
    newest,
    take: (bytes: string): Promise<Taken> => {
      const taken = taking.then(() => take(bytes));
      taking = taken.catch(() => {});
      return taken;
    },
    /** A published checkpoint with the lines of witnesses under it. */
    under: async ({ size, note }: Checkpoint): Promise<string> => {
      const own = note.signatures.map(({ line }) => line);
      return `${note.text}\n${[...own, ...(await linesOf(size))].join('\n')}\n`;
    },
  };
}

export type Cosignatures = ReturnType<typeof createCosignatures>;

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

const signerOf = (line: string): string => {
  const [signature] = parseNote(`\n\n${line}\n`).signatures;
  return `${signature?.name} ${signature?.keyId}`;
};
