import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { signerIdOf } from '@vantio/schema';

/** The secret holds no Ed25519 private key, or one whose public half is not trusted: keys made with it would open nothing. */
export class KeymakerError extends Error {
  override readonly name = 'KeymakerError';
  readonly code: 'no_key' | 'untrusted_key';
  constructor(code: KeymakerError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * @param pem PKCS#8, as the secret holds it.
 * @param signers public key-making keys that the door trusts, by their id.
 * @throws {KeymakerError}
 */
export function openKeyMaker(pem: string, signers: ReadonlyMap<string, KeyObject>): KeyObject {
  const key = privateKeyOf(pem);
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new KeymakerError('no_key', 'the secret holds no Ed25519 private key (PKCS#8 PEM)');
  const signerId = signerIdOf(createPublicKey(key));
  if (!signers.has(signerId))
    throw new KeymakerError(
      'untrusted_key',
      `the key-making key ${signerId} is not trusted: add its public half to VANTIO_KEY_SIGNERS first`,
    );
  return key;
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
