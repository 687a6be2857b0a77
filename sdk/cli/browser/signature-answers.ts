import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/**
 * WebCrypto answers later; the verifier asks and goes on. So it runs on an assumption, and all that it asked is answered
 * afterwards: if every assumption was right, what it found stands. Otherwise it runs again, with the answers known. A ledger
 * in which all signatures hold is read once, one with some that do not, twice.
 */
export type Algorithm = 'Ed25519' | 'ML-DSA-44';

type Question = {
  readonly algorithm: Algorithm;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
};

/** Questions that are held at a time: some 300 bytes each. */
const MAX_ASKED = 100_000;
/** What an attacker can make of answers that lead to further questions must end. */
const MAX_ROUNDS = 64;

let known = new Map<string, boolean>();
const asked = new Map<string, Question>();
let assumed = true;
let isStopped = false;

/** Whether a signature holds, as far as that is known. */
export function signatureHolds(
  algorithm: Algorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const id = [publicKey, signature, sha256(message)].map(bytesToHex).join(' ');
  const answer = known.get(id);
  if (answer !== undefined) return answer;
  if (asked.size >= MAX_ASKED) {
    isStopped = true;
    throw new Error('further questions are for the next round');
  }
  asked.set(id, {
    algorithm,
    publicKey: publicKey.slice(),
    message: message.slice(),
    signature: signature.slice(),
  });
  return assumed;
}

/**
 * Runs `work`, again if need be, until every answer that it was given was right.
 * @throws what it throws, on right answers.
 */
export async function withAnswers<T>(work: () => T | Promise<T>): Promise<T> {
  known = new Map();
  for (let round = 0; round < MAX_ROUNDS; ) {
    asked.clear();
    isStopped = false;
    // What is found behind a wrong assumption is met soonest if it is not the same one each time.
    assumed = round % 2 === 0;
    const result = await settle(work);
    const isRight = await answerAll();
    if (isRight && !isStopped) {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    }
    // Only so many signatures are there: what was stopped comes to an end.
    if (!isStopped) round++;
  }
  throw new Error(
    `the signatures do not come to an end in ${MAX_ROUNDS} rounds: somebody made these files to that purpose; verify them by the command line`,
  );
}

const settle = async <T>(work: () => T | Promise<T>): Promise<PromiseSettledResult<T>> => {
  const [result] = await Promise.allSettled([(async () => work())()]);
  return result;
};

/** @returns whether what was assumed is so. */
async function answerAll(): Promise<boolean> {
  const answers = await Promise.all(
    [...asked].map(async ([id, question]) => [id, await answer(question)] as const),
  );
  for (const [id, holds] of answers) known.set(id, holds);
  return answers.every(([, holds]) => holds === assumed);
}

async function answer(question: Question): Promise<boolean> {
  const { algorithm, message, signature } = question;
  const { subtle } = globalThis.crypto;
  const key = await importKey(subtle, question);
  return (
    key !== undefined &&
    (await subtle.verify(algorithm, key, new Uint8Array(signature), new Uint8Array(message)))
  );
}

/**
 * Undefined for what is no point of the curve, under which nothing holds.
 * @throws where the browser has no Ed25519.
 */
async function importKey(
  subtle: SubtleCrypto,
  { algorithm, publicKey }: Question,
): Promise<CryptoKey | undefined> {
  try {
    return await subtle.importKey('spki', new Uint8Array(publicKey), algorithm, false, ['verify']);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'DataError') return undefined;
    throw new Error(
      'this browser has no Ed25519 in its WebCrypto here: take a newer one, and open the page from a file, from localhost or by https',
    );
  }
}

let last: Promise<unknown> = Promise.resolve();

/** Answers and files are of one run: the next one waits. */
export function oneAtATime<T>(run: () => Promise<T>): Promise<T> {
  const mine = last.then(run);
  last = mine.catch(() => {});
  return mine;
}
