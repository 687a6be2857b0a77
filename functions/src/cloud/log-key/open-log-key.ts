import { createPublicKey } from 'node:crypto';
import { SettingError } from '../environment.ts';
import { openKmsKey } from './kms-key.ts';
import { openSecretKey } from './secret-key.ts';

/** An Ed25519 key that signs, wherever it is kept. */
export type LogKey = {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly sign: (text: string) => Promise<Uint8Array>;
};

/** The key is not there, not Ed25519, or not the one whose checkpoints readers take. */
export class LogKeyError extends Error {
  override readonly name = 'LogKeyError';
  readonly code: 'no_key' | 'untrusted_key' | 'bad_signature';
  constructor(code: LogKeyError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const SECRET = /^projects\/[^/]+\/secrets\/[^/]+$/;
const KMS =
  /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+\/cryptoKeyVersions\/[1-9][0-9]*$/;

/**
 * A key of all logs: a secret that holds it (PKCS#8 PEM), or a key version in Cloud KMS, which signs and never gives it out.
 * @param name of either, as Google names it.
 * @param trusted raw public keys, 64 hex digits each, of which it must be one: what readers of the logs know.
 * @throws {LogKeyError | SettingError}
 */
export async function openLogKey(name: string, ...trusted: readonly string[]): Promise<LogKey> {
  const key = await (SECRET.test(name)
    ? openSecretKey(name)
    : KMS.test(name)
      ? openKmsKey(name)
      : Promise.reject(
          new SettingError(
            `the log's key is neither of the form ${SECRET.source} nor ${KMS.source}`,
          ),
        ));
  if (!trusted.includes(Buffer.from(key.publicKey).toString('hex')))
    throw new LogKeyError(
      'untrusted_key',
      'the log’s key is not the one that VANTIO_LOG_PUBLIC_KEY names in its place: readers would not take what it signs',
    );
  return key;
}

/**
 * @param pem of a private key, or of a public one.
 * @returns the raw public key; undefined if it is not Ed25519.
 */
export function ed25519Of(pem: string): Uint8Array | undefined {
  try {
    const key = createPublicKey(pem);
    // The last 32 bytes of the SPKI form are the key.
    return key.asymmetricKeyType === 'ed25519'
      ? key.export({ format: 'der', type: 'spki' }).subarray(-32)
      : undefined;
  } catch {
    return undefined;
  }
}
