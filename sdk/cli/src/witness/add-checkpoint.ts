import { decodeBase64 } from '@vantio/schema/tlog/note';
import { MAX_TREE_SIZE } from '@vantio/schema/tlog/subtrees';
import { HASH_BYTES } from '@vantio/schema/tlog/tree-hash';
import type { Fault } from './judge-step.ts';
import type { Considered } from './witness.ts';

/** The body of `POST /add-checkpoint` (C2SP tlog-witness). */
export type AddCheckpoint = {
  readonly old: number;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: string;
};

export type Answer = { readonly status: number; readonly type: string; readonly body: string };

const MAX_HASHES = 63;
const TEXT = 'text/plain; charset=utf-8';
const SIZE = 'text/x.tlog.size';

/** The request may be an attacker's. @returns undefined if it is not of that form. */
export function parseAddCheckpoint(body: string): AddCheckpoint | undefined {
  const at = body.indexOf('\n\n');
  const [first = '', ...lines] = body.slice(0, Math.max(at, 0)).split('\n');
  const [, old = ''] = /^old (0|[1-9][0-9]{0,15})$/.exec(first) ?? [];
  const proof = lines.map(decodeBase64);
  const isSound =
    old !== '' &&
    Number(old) <= MAX_TREE_SIZE &&
    proof.length <= MAX_HASHES &&
    proof.every((hash) => hash?.length === HASH_BYTES);
  if (!isSound) return undefined;
  return {
    old: Number(old),
    proof: proof as readonly Uint8Array[],
    checkpoint: body.slice(at + 2),
  };
}

const STATUS: Readonly<Record<Fault, number>> = {
  malformed: 400,
  other_key: 403,
  barred: 403,
  other_origin: 404,
  old_size: 409,
  rollback: 409,
  fork: 409,
  inconsistent: 422,
  bad_proof: 422,
};

/** The status codes and bodies of C2SP tlog-witness. */
export function answerAddCheckpoint(considered: Considered): Answer {
  switch (considered.verdict) {
    case 'cosigned':
      return { status: 200, type: TEXT, body: `${considered.line}\n` };
    // A step that came with its proof has no need of another.
    case 'prove':
      return said(422, 'the consistency proof is missing');
    case 'refuse': {
      const status = STATUS[considered.fault];
      return status === 409
        ? { status, type: SIZE, body: `${considered.seen?.size ?? 0}\n` }
        : said(status, considered.says);
    }
  }
}

export const said = (status: number, says: string): Answer => ({
  status,
  type: TEXT,
  body: `${says}\n`,
});
