import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { sealBatch } from '@vantio/schema/wire/sealed-batch';
import { startPushSigner } from '../mirror/push-signer.ts';
import { createEmitter, linesOf } from './records.ts';

type TestContext = { after(hook: () => unknown): void };

const AUDIENCE = 'https://writer.local';
const ACCOUNT = 'push@vantio-local.iam.gserviceaccount.com';

/** What the writer needs to start, but for a database and a topic: an ingest that it trusts, and tokens of its push. */
export async function aroundWriter(test: TestContext) {
  const ingestKey = generateKeyPairSync('ed25519');
  const signer = await startPushSigner();
  test.after(() => signer.close());
  let pushed = 0;

  /** Pushes one message as Pub/Sub does. */
  const push = (url: string, data: string): Promise<Response> => {
    const now = Math.floor(Date.now() / 1000);
    return fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: signer.token({
          iss: 'https://accounts.google.com',
          aud: AUDIENCE,
          email: ACCOUNT,
          email_verified: true,
          iat: now - 10,
          exp: now + 3600,
        }),
      },
      body: JSON.stringify({
        message: { data: Buffer.from(data).toString('base64'), messageId: `m${pushed++}` },
        subscription: 'projects/vantio-local/subscriptions/test',
      }),
    });
  };

  return {
    push,
    environment: {
      VANTIO_INGEST_SIGNERS: rawPublicKey(ingestKey.publicKey),
      VANTIO_PUSH_AUDIENCE: AUDIENCE,
      VANTIO_PUSH_ACCOUNT: ACCOUNT,
      VANTIO_PUSH_CERTIFICATES_URL: signer.certificatesUrl,
      VANTIO_DATABASE_ROLE: 'ledger_writer',
      VANTIO_DEAD_LETTER_TOPIC: 'projects/vantio-local/topics/nowhere',
    } as Readonly<Record<string, string>>,
    /** A message of so many records of a new session. */
    message: (records: number, key: KeyObject = ingestKey.privateKey) => {
      const emitter = createEmitter('acme');
      const header = {
        tenant_id: 'acme',
        key_id: emitter.keyId,
        received_at: '2026-11-23T10:00:00.000000Z',
      };
      return {
        sessionId: emitter.session.sessionId,
        data: sealBatch(header, linesOf(emitter, records), key),
      };
    },
  };
}
