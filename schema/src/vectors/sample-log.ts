import * as crypto from 'node:crypto';
import type { CanonicalValue } from '../canonical.ts';
import { canonicalize } from '../canonical.ts';
import { instantFromMicros } from '../instant.ts';
import type { Receipt, SignedReceipt } from '../receipt.ts';
import { signReceipt } from '../receipt-signature.ts';
import { checkpointText } from '../tlog/checkpoint.ts';
import { cosign } from '../tlog/cosignature.ts';
import { formatBundle } from '../tlog/entry-bundle.ts';
import { signatureLine } from '../tlog/note.ts';
import { formatVerifierKey, keyIdOf, rawPublicKey } from '../tlog/note-keys.ts';
import { leafHash, nodeHash } from '../tlog/tree-hash.ts';
import { fixedKey } from './fixed-keys.ts';
import { API_KEY, EPOCH, ledgerLines, sampleSession } from './sample-session.ts';

/** A ledger of one session, certified and ended, and its log: of 3, 5 and 7 lines. */
const sealed = sampleSession({ root: true });
export const LINES = ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY })));
export const ORIGIN = `vantio.local/${/"received_mac":"([0-9a-f]{32})/.exec(LINES[0] ?? '')?.[1]}`;
export const EVENTS: Receipt['events'] = sealed.map(({ record, hash }) => ({
  event_id: record.event_id,
  record_hash: hash,
}));
/** Seconds since the epoch: when the first line came in. */
export const RECEIVED = EPOCH / 1e6 + 1;
/** When the witness cosigned. */
export const COSIGNED = RECEIVED + 6;
export const WITNESS = 'witness.example/w1';
const LOG_KEY = fixedKey('log');
const WITNESS_KEY = fixedKey('witness');

export const LOG_VKEY = formatVerifierKey({
  name: ORIGIN,
  type: 'ed25519',
  publicKey: rawPublicKey(LOG_KEY),
});
export const WITNESS_VKEY = formatVerifierKey({
  name: WITNESS,
  type: 'cosignatureEd25519',
  publicKey: rawPublicKey(WITNESS_KEY),
});

export const entries = LINES.map((line) => Buffer.from(line));
export const hashes = entries.map(leafHash);

/** RFC 6962, section 2.1. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return nodeHash(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

export const otherRoot = leafHash(Buffer.from('another tree'));
export const bodyOf = (size: number, root = rootOf(hashes.slice(0, size))): string =>
  checkpointText({ origin: ORIGIN, size, root });

export function sign(text: string, key = LOG_KEY, name = ORIGIN): string {
  const keyId = keyIdOf({ name, type: 'ed25519', publicKey: rawPublicKey(key) });
  const signature = crypto.sign(null, Buffer.from(text), key);
  return `${text}\n${signatureLine({ name, keyId }, signature)}\n`;
}

export const cosigned = (text: string, time: number, name = WITNESS): string =>
  `${cosign(text, time, name, WITNESS_KEY)}\n`;

export const tile = (size: number): Buffer => Buffer.concat(hashes.slice(0, size));
export const bundle = (size: number): Buffer => Buffer.from(formatBundle(entries.slice(0, size)));

export const receipt = (change: Partial<Receipt> = {}, key = LOG_KEY): SignedReceipt =>
  signReceipt(
    {
      events: EVENTS,
      key_id: sealed[0]?.record.key_id ?? '',
      merge_by: instantFromMicros((RECEIVED + 7) * 1e6),
      origin: ORIGIN,
      received_at: instantFromMicros((RECEIVED + 2) * 1e6),
      tenant_id: 'acme',
      ...change,
    },
    key,
  );

export const receiptLine = (signed: SignedReceipt): string =>
  `${canonicalize(signed as CanonicalValue)}\n`;
