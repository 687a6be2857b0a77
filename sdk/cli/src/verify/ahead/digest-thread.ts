import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { receivedMacOf } from '@vantio/schema/ledger-line';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { createKeyRing, type VerifyingKey } from '@vantio/schema/verify/key-ring';
import { digestLine } from '@vantio/schema/verify/line-digests';
import { type Block, type BlockMemory, openBlock, STATE } from './block.ts';

type DigestWork = {
  readonly kind: 'vantio digests';
  readonly blocks: readonly BlockMemory[];
  readonly apiKeys: readonly string[];
  /** Rises whenever a block was filled. */
  readonly signal: Int32Array;
};

/** Starts a thread that hashes what stands in blocks, for as long as this process lives or until it is ended. */
export function startDigestThread(work: Omit<DigestWork, 'kind'>): { readonly end: () => void } {
  // In the single file this is the file itself.
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { kind: 'vantio digests', ...work } satisfies DigestWork,
    // It makes much that is gone at once; left to itself it would let tens of megabytes of that lie.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  // Without it the reader does the work itself; nothing is lost but time.
  worker.on('error', () => {});
  worker.unref();
  return { end: () => void worker.terminate() };
}

function digestBlocks({ blocks: memories, apiKeys, signal }: DigestWork): never {
  const keys = createKeyRing(apiKeys);
  const blocks = memories.map(openBlock);
  for (;;) {
    const seen = Atomics.load(signal, 0);
    const block = firstFilled(blocks);
    if (block === undefined) Atomics.wait(signal, 0, seen);
    else if (block.move(STATE.filled, STATE.atHelper)) {
      digestBlock(block, keys);
      block.move(STATE.atHelper, STATE.digested);
    }
  }
}

const firstFilled = (blocks: readonly Block[]): Block | undefined =>
  blocks
    .filter((block) => block.state() === STATE.filled)
    .toSorted((a, b) => a.number() - b.number())[0];

function digestBlock(block: Block, keys: ReadonlyMap<string, readonly VerifyingKey[]>): void {
  let previous: string | undefined;
  for (let at = 0; at < block.lines(); at++) {
    const bytes = block.line(at);
    const text = bytes.toString('utf8');
    block.put(at, digestLine(text, previous, keys), leafHash(bytes));
    previous = receivedMacOf(text);
  }
}

if (!isMainThread && isDigestWork(workerData)) digestBlocks(workerData);

function isDigestWork(data: unknown): data is DigestWork {
  return (
    typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'vantio digests'
  );
}
