import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import { decodeBase64, encodeBase64, type NoteVerifier } from './note.ts';
import { MAX_TREE_SIZE } from './subtrees.ts';
import { TlogError } from './tlog-error.ts';
import { HASH_BYTES } from './tree-hash.ts';
import { verifyInclusion } from './verify-proof.ts';

/** That an entry is in a log, in one file that needs nothing else (C2SP tlog-proof). */
export type TlogProof = {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** A signed note, cosignatures included, as the log served it. */
  readonly checkpoint: string;
  /** Not authenticated. */
  readonly extra?: Uint8Array;
};

const HEADER = 'c2sp.org/tlog-proof@v1';
/** More would be of a tree of over 2^63 leaves. */
const MAX_HASHES = 63;

export function formatTlogProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${index}`,
    ...hashes.map(encodeBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/**
 * Inverse of `formatTlogProof`; nothing of it is verified. It may be an attacker's.
 * @throws {TlogError}
 */
export function parseTlogProof(text: string): TlogProof {
  const at = text.indexOf('\n\n');
  const lines = text.slice(0, Math.max(at, 0)).split('\n');
  if (at === -1 || lines.shift() !== HEADER)
    throw new TlogError('bad_proof', `the proof does not begin with ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? decodeBase64(lines[0].slice(6)) : undefined;
  if (lines[0]?.startsWith('extra ')) {
    if (extra === undefined)
      throw new TlogError('bad_proof', 'the extra data of the proof is not base64');
    lines.shift();
  }
  const [, index = ''] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '') ?? [];
  if (index === '' || Number(index) >= MAX_TREE_SIZE)
    throw new TlogError('bad_proof', 'the proof has no line `index N`, or N is too large');
  if (lines.length > MAX_HASHES)
    throw new TlogError('bad_proof', `the proof has over ${MAX_HASHES} hashes`);
  const hashes = lines.map((line) => {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_BYTES)
      throw new TlogError('bad_proof', 'a line of the proof is not a hash');
    return hash;
  });
  const checkpoint = text.slice(at + 2);
  return {
    index: Number(index),
    hashes,
    checkpoint,
    ...(extra === undefined ? {} : { extra }),
  };
}

/**
 * Holds a proof to the log's key and to the entry's leaf hash.
 * @returns the checkpoint, whose cosignatures are still to be judged.
 * @throws {TlogError}
 */
export function verifyTlogProof(
  { index, hashes, checkpoint }: TlogProof,
  leaf: Uint8Array,
  log: NoteVerifier | readonly NoteVerifier[],
): Checkpoint {
  const head = openCheckpoint(checkpoint, log);
  verifyInclusion({ index, size: head.size, leaf, hashes, root: head.root });
  return head;
}
