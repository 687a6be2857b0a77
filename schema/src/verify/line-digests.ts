import { receivedMac } from '../format-ledger-line.ts';
import { recordHash, recordMac } from '../hash.ts';
import { piecesOf } from '../ledger-line.ts';
import type { VerifyingKey } from './key-ring.ts';

/** What verifying hashes of a line, apart from everything that hangs on the lines before it: another thread may make it. */
export type LineDigests = {
  readonly recordHash: string;
  /** Undefined: no key was named for the record, or several were that share an id. */
  readonly macHolds: boolean | undefined;
  /** The `received_mac` of the line before, as far as it is known, and whether this line's own follows from it. */
  readonly previous: string | undefined;
  readonly follows: boolean | undefined;
};

const KEY_ID = /"key_id":"([0-9a-f]{16})"/;

/**
 * @param text that may be a ledger line. Of anything else the digests mean nothing, and the verifier, which reads it, uses none
 * of them: a line that can be read has its parts where `piecesOf` finds them.
 * @param previous the `received_mac` that the line before seems to have.
 */
export function digestLine(
  text: string,
  previous: string | undefined,
  keys: ReadonlyMap<string, readonly VerifyingKey[]>,
): LineDigests {
  const { canonical, mac, receivedAt, receivedMac: tag } = piecesOf(text);
  // A quotation mark inside a canonical string is escaped: this stands in no value.
  const named = keys.get(KEY_ID.exec(canonical)?.[1] ?? '') ?? [];
  const key = named.length === 1 ? named[0] : undefined;
  return {
    recordHash: recordHash(canonical),
    macHolds: key && mac === recordMac(key.record, canonical),
    previous,
    follows:
      key &&
      (previous === undefined
        ? undefined
        : tag === receivedMac({ key: key.received, previous, receivedAt, recordMac: mac })),
  };
}
