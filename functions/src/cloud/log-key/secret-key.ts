import { createPrivateKey, sign } from 'node:crypto';
import { createReadSecret } from '../secrets/read-secret.ts';
import { ed25519Of, type LogKey, LogKeyError } from './open-log-key.ts';

/**
 * A key that this process holds, from the newest version of a secret.
 * @throws {LogKeyError} no_key
 */
export async function openSecretKey(name: string): Promise<LogKey> {
  const pem = await createReadSecret({ name })();
  const publicKey = ed25519Of(pem);
  if (publicKey === undefined || !pem.includes('PRIVATE KEY'))
    throw new LogKeyError('no_key', `${name} holds no Ed25519 private key (PKCS#8 PEM)`);
  const privateKey = createPrivateKey(pem);
  return { publicKey, sign: async (text) => sign(null, Buffer.from(text), privateKey) };
}
