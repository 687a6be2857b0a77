import { receivedMacOf } from '@vantio/schema/ledger-line';
import type { LineDigests } from '@vantio/schema/verify/line-digests';
import type { LeafHashes } from '@vantio/schema/verify/log/tree-walk';
import { type Line, type RawLine, textLine } from '../../ledger/read-lines.ts';
import { type Block, createBlockMemory, openBlock, STATE } from './block.ts';
import { startDigestThread } from './digest-thread.ts';

export type DigestedLine = Line & { digests?: LineDigests };

export type DigestAhead = {
  /** The same lines, read ahead of their use; most of them with digests. */
  readonly lines: (lines: Iterable<RawLine>) => Iterable<DigestedLine>;
  /** Of lines that stand after the one that was given last. */
  readonly leafHashes: LeafHashes;
  readonly end: () => void;
};

/** More would not be of use: the reader takes longer for a line than the thread that hashes it. */
const BLOCKS = 4;

type Filled = {
  readonly block: Block;
  /** Of a line whose bytes stand in the block, its number: text that waits would be in the way of whoever tidies memory. */
  readonly lines: readonly (number | Exclude<RawLine, { readonly kind: 'bytes' }>)[];
};

/**
 * A second thread hashes lines while the first one reads and judges them. Both look at the very same bytes, and what the second
 * one has not begun in time the first one does itself, so that the report is the same with it, without it, or if it dies.
 */
export function createDigestAhead(apiKeys: readonly string[]): DigestAhead {
  const memories = Array.from({ length: BLOCKS }, createBlockMemory);
  const blocks = memories.map(openBlock);
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const thread = startDigestThread({ blocks: memories, apiKeys, signal });
  let filledBlocks = 0;
  let now: { readonly block: Block; readonly at: number } | undefined;

  const fill = (source: Iterator<RawLine>): Filled | undefined => {
    const block = blocks.find((each) => each.state() === STATE.free);
    if (block === undefined) throw new Error('no block is free');
    block.begin(filledBlocks++);
    const lines: Filled['lines'][number][] = [];
    while (block.hasRoom()) {
      const { value, done } = source.next();
      if (done) break;
      block.add(value.kind === 'bytes' ? value.bytes : NOTHING);
      lines.push(value.kind === 'bytes' ? value.number : value);
    }
    if (lines.length === 0) return undefined;
    block.move(STATE.free, STATE.filled);
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
    return { block, lines };
  };

  function* lines(from: Iterable<RawLine>): Iterable<DigestedLine> {
    const source = from[Symbol.iterator]();
    const queue: Filled[] = [];
    let isMore = true;
    try {
      for (;;) {
        while (isMore && queue.length < BLOCKS) {
          const next = fill(source);
          if (next) queue.push(next);
          isMore = next !== undefined;
        }
        const first = queue[0];
        if (first === undefined) return;
        const { block, lines } = first;
        const isMine = take(block);
        let previous: string | undefined;
        for (let at = 0; at < lines.length; at++) {
          const found = lines[at] as Filled['lines'][number];
          const line: DigestedLine =
            typeof found === 'number' ? textLine(found, block.line(at)) : found;
          if (!isMine) {
            now = { block, at };
            line.digests = block.digests(at, previous);
          }
          yield line;
          previous = receivedMacOf(line.kind === 'text' ? line.text : '');
        }
        now = undefined;
        queue.shift();
        release(block);
      }
    } finally {
      source.return?.();
      for (const { block } of queue) release(block);
    }
  }

  /** @returns whether the reader has it to itself; if not, it is digested. */
  const take = (block: Block): boolean => {
    if (block.move(STATE.filled, STATE.atReader)) return true;
    block.wait(STATE.atHelper);
    // The thread died, or sleeps. What it may still put there is overwritten before it is read: it does one block at a time.
    return block.move(STATE.atHelper, STATE.atReader);
  };

  const release = (block: Block): void => {
    take(block);
    block.move(block.state(), STATE.free);
  };

  return {
    lines,
    leafHashes: (entry, after) => {
      if (now === undefined || now.at + after >= now.block.lines()) return undefined;
      const at = now.at + after;
      return now.block.line(at).equals(entry) ? now.block.leaf(at) : undefined;
    },
    end: thread.end,
  };
}

const NOTHING = new Uint8Array(0);
