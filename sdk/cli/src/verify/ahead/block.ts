import type { LineDigests } from '@vantio/schema/verify/line-digests';
import { MAX_LINE_BYTES } from '../../ledger/max-line-bytes.ts';

/** Lines of a block: a multiple of those in a bundle of the log, whose leaves are then all at hand. */
export const BLOCK_LINES = 1024;
export const BLOCK_BYTES = 2 << 20;

/** Whose a block is. It goes from one to the next by compare-and-swap alone. */
export const STATE = { free: 0, filled: 1, atHelper: 2, digested: 3, atReader: 4 } as const;

/** A thousand times what a block takes. */
const MAX_WAIT_MS = 5000;
const WORD = 8;
const HASH_HEX = 64;
const LEAF = 32;
const RESULT = HASH_HEX + LEAF + 2;
/** As a byte: 0, 1, and 2 for undefined. */
const UNKNOWN = 2;

/** Memory that two threads share: lines of a ledger, and what was hashed of them. */
export type BlockMemory = {
  readonly control: Int32Array;
  /** Start and end of each line. */
  readonly places: Int32Array;
  readonly bytes: Uint8Array;
  readonly results: Uint8Array;
};

export const createBlockMemory = (): BlockMemory => ({
  control: new Int32Array(new SharedArrayBuffer(12)),
  places: new Int32Array(new SharedArrayBuffer(8 * BLOCK_LINES)),
  bytes: new Uint8Array(new SharedArrayBuffer(BLOCK_BYTES)),
  results: new Uint8Array(new SharedArrayBuffer(RESULT * BLOCK_LINES)),
});

/** A view of such memory. */
export function openBlock({ control, places, bytes, results }: BlockMemory) {
  const text = Buffer.from(bytes.buffer);
  const made = Buffer.from(results.buffer);
  const start = (at: number): number => places[2 * at] as number;
  const end = (at: number): number => (at === -1 ? 0 : (places[2 * at + 1] as number));

  return {
    state: (): number => Atomics.load(control, 0),
    move: (from: number, to: number): boolean => {
      const isMoved = Atomics.compareExchange(control, 0, from, to) === from;
      if (isMoved) Atomics.notify(control, 0);
      return isMoved;
    },
    /** Sleeps while the block is in this state, but not for long. */
    wait: (state: number): void => {
      Atomics.wait(control, 0, state, MAX_WAIT_MS);
    },
    /** Blocks are digested in the order of their numbers. */
    number: (): number => control[1] as number,
    lines: (): number => control[2] as number,
    begin: (number: number): void => {
      control[1] = number;
      control[2] = 0;
    },
    hasRoom: (): boolean => {
      const lines = control[2] as number;
      return lines < BLOCK_LINES && end(lines - 1) + WORD + MAX_LINE_BYTES <= BLOCK_BYTES;
    },
    add: (line: Uint8Array): void => {
      const at = control[2] as number;
      const last = end(at - 1);
      // Shared memory is written word by word where both sides are aligned alike, and byte by byte elsewhere.
      const from = last + ((line.byteOffset - last) & (WORD - 1));
      text.set(line, from);
      places[2 * at] = from;
      places[2 * at + 1] = from + line.length;
      control[2] = at + 1;
    },
    line: (at: number): Buffer => text.subarray(start(at), end(at)),
    put: (at: number, { recordHash, macHolds, follows }: LineDigests, leaf: Uint8Array): void => {
      made.write(recordHash, at * RESULT, 'latin1');
      made.set(leaf, at * RESULT + HASH_HEX);
      made[at * RESULT + RESULT - 2] = byteOf(macHolds);
      made[at * RESULT + RESULT - 1] = byteOf(follows);
    },
    digests: (at: number, previous: string | undefined): LineDigests => ({
      recordHash: made.toString('latin1', at * RESULT, at * RESULT + HASH_HEX),
      macHolds: flagOf(made[at * RESULT + RESULT - 2]),
      previous,
      follows: flagOf(made[at * RESULT + RESULT - 1]),
    }),
    leaf: (at: number): Uint8Array =>
      made.subarray(at * RESULT + HASH_HEX, at * RESULT + HASH_HEX + LEAF),
  };
}

export type Block = ReturnType<typeof openBlock>;

const byteOf = (flag: boolean | undefined): number => (flag === undefined ? UNKNOWN : Number(flag));
const flagOf = (byte: number | undefined): boolean | undefined =>
  byte === UNKNOWN ? undefined : byte === 1;
