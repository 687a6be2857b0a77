import * as crypto from 'node:crypto';
import type { TreeHead } from './checkpoint.ts';
import { TlogError } from './tlog-error.ts';

/** Bytes of an ML-DSA-44 signature, and of its raw public key (FIPS 204). */
export const ML_DSA_44_SIGNATURE_BYTES = 2420;
const PUBLIC_KEY_BYTES = 1312;

const LABEL = Buffer.from('subtree/v1\n\0');
const SPKI = Buffer.from('30820532300b06096086480165030403110382052100', 'hex');
const MAX_NAME_BYTES = 255;

/** Whether this runtime can make and check ML-DSA-44 signatures: Node from 24.6 on, with the OpenSSL it comes with. */
export const HAS_ML_DSA_44: boolean = hasMlDsa44();

export const NO_ML_DSA_44 = 'this runtime has no ML-DSA-44; Node 24.6 or newer has';

/**
 * What an ML-DSA-44 witness signs: the `cosigned_message` of C2SP tlog-cosignature, for the whole tree. Unlike that of
 * Ed25519 it names the witness, and leaves out extension lines of the checkpoint.
 * @param time seconds since the epoch; 0: nothing is said of when, nor that no larger tree was seen.
 * @throws {TlogError} if a name is over 255 bytes.
 */
export function mlDsaMessage(witness: string, time: number, tree: TreeHead): Uint8Array {
  return Buffer.concat([
    LABEL,
    nameBytes(witness),
    uint64(time),
    nameBytes(tree.origin),
    uint64(0),
    uint64(tree.size),
    tree.root,
  ]);
}

function nameBytes(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  if (bytes.length > MAX_NAME_BYTES)
    throw new TlogError(
      'bad_key',
      `a name is over ${MAX_NAME_BYTES} bytes, which ML-DSA-44 cosignatures cannot hold`,
    );
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

function uint64(number: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}

/** @throws {TlogError} `unmeasured` where the runtime has no ML-DSA-44. */
export function mlDsaPublicKey(raw: Uint8Array): crypto.KeyObject {
  if (!HAS_ML_DSA_44) throw new TlogError('unmeasured', NO_ML_DSA_44);
  return crypto.createPublicKey({
    key: Buffer.concat([SPKI, raw]),
    format: 'der',
    type: 'spki',
  });
}

/** The last bytes of the SPKI form are the key. */
export const rawMlDsaPublicKey = (key: crypto.KeyObject): Uint8Array =>
  crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-PUBLIC_KEY_BYTES);

function hasMlDsa44(): boolean {
  try {
    crypto.generateKeyPairSync('ml-dsa-44');
    return true;
  } catch {
    return false;
  }
}
