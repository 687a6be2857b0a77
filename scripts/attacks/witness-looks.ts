import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { parseNote } from '@vantio/schema/tlog/note';
import { tilePath } from '@vantio/schema/tlog/tiles';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { openState } from '../../sdk/cli/src/witness/state.ts';
import { readLogKeys } from '../../sdk/cli/src/witness/verifier-keys.ts';
import { type Round, watchOnce } from '../../sdk/cli/src/witness/watch-log.ts';
import { createWitness } from '../../sdk/cli/src/witness/witness.ts';
import { readWitnessKey } from '../../sdk/cli/src/witness/witness-key.ts';

type Place = { readonly directory: string; readonly log: string; readonly vkey: string };

export type Served = {
  /** What the log serves in place of its newest checkpoint. */
  readonly checkpoint?: string;
  readonly proof?: readonly Uint8Array[];
  /** Seconds from now at which the witness looks. */
  readonly after?: number;
};

/** One round of `vantio witness`, which knows what it saw before; the log's files stand for its endpoints. */
export async function witnessLooks(
  { directory, log }: Place,
  { checkpoint, proof, after = 0 }: Served = {},
): Promise<Round> {
  const state = openState(join(directory, 'witness-state'));
  const file = join(directory, 'pinned.vkey');
  const [first, ...more] = readLogKeys(existing(file) ?? join(directory, 'audit.vkey'));
  if (first === undefined) throw new Error('no key of the log is pinned');
  const keys = [first, ...more] as const;
  const cosigner = readWitnessKey(join(directory, 'witness.key'));
  const now = (): number => Math.floor(Date.now() / 1000) + after;
  try {
    const witness = createWitness({ logs: keys, state, cosigner, isBarred: () => false, now });
    const client = {
      checkpoint: async () => checkpoint ?? readFileSync(join(log, 'checkpoint'), 'utf8'),
      consistency: async (from: number, to: number) =>
        proof ??
        createTreeReader(to, async (tile) => readFileSync(join(log, tilePath(tile)))).consistency(
          from,
        ),
      rotations: async () => rotationsIn(log),
      proof: async () => undefined,
      postCosignature: async (note: string) => {
        const { text, signatures } = parseNote(note);
        const path = join(log, 'cosignatures', String(parseCheckpointText(text).size));
        mkdirSync(join(log, 'cosignatures'), { recursive: true });
        appendFileSync(path, `${signatures.at(-1)?.line}\n`);
      },
    };
    return await watchOnce({ client, witness, cosigner, state, keys, silence: 60, now });
  } finally {
    state.close();
  }
}

function rotationsIn(log: string): readonly string[] {
  const notes: string[] = [];
  for (;;) {
    const file = existing(join(log, `rotations/${notes.length + 1}`));
    if (file === undefined) return notes;
    notes.push(readFileSync(file, 'utf8'));
  }
}

function existing(file: string): string | undefined {
  try {
    readFileSync(file);
    return file;
  } catch {
    return undefined;
  }
}
