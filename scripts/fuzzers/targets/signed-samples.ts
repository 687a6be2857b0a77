import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { cosign } from '@vantio/schema/tlog/cosignature';
import { signNote } from '@vantio/schema/tlog/note';
import { madeUpLog, madeUpWitness } from '@vantio/schema/tlog/sample-keys';
import { grow, madeUpLeaves } from '@vantio/schema/tlog/tiles-in-memory';

const ORIGIN = 'vantio.local/0123456789abcdef0123456789abcdef';
export const SIZES = [1, 5, 257] as const;

export const log = madeUpLog(ORIGIN);
export const witness = madeUpWitness('witness.example/w1');
export const leaves = madeUpLeaves(SIZES[2]);
export const { edge, tiles } = await grow(leaves, SIZES);

async function rootAt(size: number): Promise<Uint8Array> {
  return (await grow(leaves.slice(0, size))).edge.root();
}

/** What the log signed and the witness cosigned: nothing else may verify. */
export const signedTexts: readonly string[] = await Promise.all(
  SIZES.map(async (size) => checkpointText({ origin: ORIGIN, size, root: await rootAt(size) })),
);

export const TIMES = [1_700_000_000, 1_700_000_009] as const;

/** With and without cosignatures, and with lines of a stranger. */
export const signedNotes: readonly string[] = await Promise.all(
  signedTexts.map(async (text, at) => {
    const note = await signNote(text, [madeUpLog('stranger').signer, log.signer]);
    const times = TIMES.slice(0, at);
    const lines = times.map((time) => cosign(text, time, witness.key.name, witness.privateKey));
    return `${note}${lines.map((line) => `${line}\n`).join('')}`;
  }),
);
