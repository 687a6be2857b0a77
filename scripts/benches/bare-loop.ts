import { createHmac, createPublicKey, hash, verify } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { receivedKey, recordKey, ZERO_HASH } from '@vantio/schema';
import { readLines } from '../../sdk/cli/dist/ledger/read-lines.js';
import { HEAD_EVERY } from './sealed-ledger.ts';

/**
 * What a full verification hashes, MACs and checks, and nothing else, by node:crypto's own calls: for each record its hash
 * and MAC, the MAC of its line, the hash of its leaf, one of a node, and an Ed25519 signature for as many as the ledger has.
 * The lines are at hand: reading them is not timed.
 */
type Share = { readonly file: string; readonly apiKey: string; readonly of: number; at: number };

// {"received_at":"…27…","received_mac":"…64…","record": … ,"record_mac":"…64…"}
const RECORD_AT = 136;
const TAIL = 81;
const RECORD_PREFIX = 'vantio/record/v1\0';
const PART = 8192;

/** @returns seconds on all cores, each with its share of the records. */
export async function bareLoop(file: string, apiKey: string): Promise<number> {
  const of = availableParallelism();
  const shares = Array.from({ length: of }, (_, at) => runShare({ file, apiKey, of, at }));
  return Math.max(...(await Promise.all(shares)));
}

const runShare = (share: Share): Promise<number> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

function share({ file, apiKey, of, at }: Share): number {
  const [macKey, received] = [recordKey(apiKey), receivedKey(apiKey)];
  const { publicKey, message, signature } = sampleSignature();
  const node = Buffer.alloc(65, 1);
  let seconds = 0;
  let previous = ZERO_HASH;
  for (const part of partsOf(file, of, at)) {
    const start = process.hrtime.bigint();
    for (const [index, { line, leaf }] of part.entries()) {
      const canonical = line.slice(RECORD_AT, -TAIL);
      const mac = createHmac('sha256', macKey).update(canonical).digest('hex');
      hash('sha256', RECORD_PREFIX + canonical, 'hex');
      previous = createHmac('sha256', received)
        .update(previous + line.slice(16, 43) + mac)
        .digest('hex');
      hash('sha256', leaf, 'buffer');
      hash('sha256', node, 'buffer');
      if (index % HEAD_EVERY === 0) verify(null, message, publicKey, signature);
    }
    seconds += Number(process.hrtime.bigint() - start) / 1e9;
  }
  return seconds;
}

function sampleSignature() {
  // Example 2 of RFC 8032, section 7.1.
  const spki = `302a300506032b6570032100${'3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'}`;
  return {
    publicKey: createPublicKey({ key: Buffer.from(spki, 'hex'), format: 'der', type: 'spki' }),
    message: Buffer.from('72', 'hex'),
    signature: Buffer.from(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      'hex',
    ),
  };
}

type Entry = { readonly line: string; readonly leaf: Buffer };

function* partsOf(file: string, of: number, own: number): Iterable<readonly Entry[]> {
  let part: Entry[] = [];
  let at = 0;
  for (const line of readLines(file, { maxBytes: 1 << 16 })) {
    const isMine = Math.floor(at++ / PART) % of === own;
    if (isMine && line.kind === 'text')
      part.push({ line: line.text, leaf: Buffer.concat([Buffer.of(0), line.bytes]) });
    if (part.length < PART) continue;
    yield part;
    part = [];
  }
  yield part;
}

if (!isMainThread) parentPort?.postMessage(share(workerData as Share));
