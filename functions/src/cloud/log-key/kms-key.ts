import { verify } from 'node:crypto';
import { ed25519PublicKey } from '@vantio/schema/tlog/note-keys';
import { createGoogleRest, type RestAnswer } from '../rest/google-rest.ts';
import { ed25519Of, type LogKey, LogKeyError } from './open-log-key.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
const ALGORITHM = 'EC_SIGN_ED25519';

/**
 * A key version of Cloud KMS, by its REST API: two calls, for which the client library and its protocols are not loaded.
 * EC_SIGN_ED25519 signs data, not a digest (https://cloud.google.com/kms/docs/algorithms). VANTIO_KMS_HOST names a stand-in.
 * @throws {LogKeyError} no_key
 */
export async function openKmsKey(name: string): Promise<LogKey> {
  const local = process.env.VANTIO_KMS_HOST;
  const rest = createGoogleRest({
    host: local ?? 'https://cloudkms.googleapis.com',
    scope: local === undefined ? SCOPE : undefined,
  });
  const found = membersOf(await rest(`/v1/${name}/publicKey`));
  const publicKey = found.algorithm === ALGORITHM ? ed25519Of(String(found.pem)) : undefined;
  if (publicKey === undefined)
    throw new LogKeyError('no_key', `${name} is not a key of algorithm ${ALGORITHM}`);
  const key = ed25519PublicKey(publicKey);
  return {
    publicKey,
    sign: async (text) => {
      const data = Buffer.from(text);
      const body = JSON.stringify({ data: data.toString('base64') });
      const signed = membersOf(
        await rest(`/v1/${name}:asymmetricSign`, {
          method: 'POST',
          type: 'application/json',
          body,
        }),
      );
      const signature = Buffer.from(String(signed.signature), 'base64');
      // Says more than the checksums that the API offers: this very text was signed by that very key.
      if (!verify(null, data, key, signature))
        throw new LogKeyError('bad_signature', 'what Cloud KMS answered is not a signature of it');
      return signature;
    },
  };
}

function membersOf({ status, bytes }: RestAnswer): Readonly<Record<string, unknown>> {
  if (status !== 200) throw new LogKeyError('no_key', `Cloud KMS answered ${status}`);
  return JSON.parse(Buffer.from(bytes).toString()) as Readonly<Record<string, unknown>>;
}
