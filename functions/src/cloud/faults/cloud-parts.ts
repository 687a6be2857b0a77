import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Database } from '@google-cloud/spanner';
import { makeApiKey } from '@vantio/schema';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { sealBatch } from '@vantio/schema/wire/sealed-batch';
import { signRevocationList } from '../../door/revocation-list.ts';
import { startPushSigner } from '../mirror/push-signer.ts';
import { type SecretManagerStandIn, startSecretManager } from '../mirror/secret-manager.ts';
import { createLedger } from '../testing/emulated.ts';
import type { Emitter } from '../testing/records.ts';
import { keymaker } from '../testing/records.ts';
import { createTopics } from '../testing/topics.ts';
import type { Environment } from './function-process.ts';

export const PROJECT = 'vantio-local';
const SECRETS = `projects/${PROJECT}/secrets`;
export const SECRET = {
  revocations: `${SECRETS}/vantio-revocations`,
  control: `${SECRETS}/vantio-control-key`,
  ingest: `${SECRETS}/vantio-ingest-key`,
} as const;
const AUDIENCE = 'https://writer.local';
const ACCOUNT = `push@${PROJECT}.iam.gserviceaccount.com`;
const CONTROL_TENANT = 'vantio';

/** What the functions need around them, each for itself: a ledger, topics, secrets, keys; no function runs yet. */
export type CloudParts = {
  /** For functions that are to reach all of it directly. */
  readonly environment: Environment;
  readonly database: Database;
  readonly topics: Awaited<ReturnType<typeof createTopics>>;
  readonly secrets: SecretManagerStandIn;
  /** Ingest's own key. */
  readonly ingestKey: KeyObject;
  /** Its PEM, as the secret holds it. */
  readonly ingestPem: string;
  readonly controlKey: string;
  /** Value of the Authorization header that Pub/Sub's push carries in the cloud. */
  readonly pushToken: () => string;
  readonly close: () => Promise<void>;
};

export async function createCloudParts(): Promise<CloudParts> {
  const ingest = generateKeyPairSync('ed25519');
  const controlKey = makeApiKey({ tenantId: CONTROL_TENANT, plan: 'control' }, keymaker.privateKey);
  const secrets = await startSecretManager();
  const list = { at: '2026-01-01T00:00:00.000000Z', key_ids: [], v: 1, version: 1 } as const;
  secrets.put(SECRET.revocations, signRevocationList(list, keymaker.privateKey));
  secrets.put(SECRET.control, controlKey);
  const pem = ingest.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  secrets.put(SECRET.ingest, pem);
  const signer = await startPushSigner();
  const { path, database } = await createLedger();
  const topics = await createTopics();
  const environment = {
    VANTIO_SECRET_MANAGER_HOST: secrets.host,
    VANTIO_KEY_SIGNERS: rawPublicKey(keymaker.publicKey),
    VANTIO_REVOCATIONS_SECRET: SECRET.revocations,
    VANTIO_INGEST_KEY_SECRET: SECRET.ingest,
    VANTIO_CONTROL_KEY_SECRET: SECRET.control,
    VANTIO_LEDGER_TOPIC: topics.ledger.name,
    VANTIO_DEAD_LETTER_TOPIC: topics.deadLetter.name,
    VANTIO_SPANNER_DATABASE: path,
    VANTIO_INGEST_SIGNERS: rawPublicKey(ingest.publicKey),
    VANTIO_PUSH_AUDIENCE: AUDIENCE,
    VANTIO_PUSH_ACCOUNT: ACCOUNT,
    VANTIO_PUSH_CERTIFICATES_URL: signer.certificatesUrl,
  };
  const pushToken = (): string => {
    const now = Math.floor(Date.now() / 1000);
    return signer.token({
      iss: 'https://accounts.google.com',
      aud: AUDIENCE,
      email: ACCOUNT,
      email_verified: true,
      iat: now - 10,
      exp: now + 3600,
    });
  };
  const close = async (): Promise<void> => {
    await topics.close();
    await database.close();
    signer.close();
    secrets.close();
  };
  return {
    environment,
    database,
    topics,
    secrets,
    ingestKey: ingest.privateKey,
    ingestPem: pem,
    controlKey,
    pushToken,
    close,
  };
}

/** A message of these lines as ingest makes it. */
export const messageOf = (
  { tenantId, keyId }: Pick<Emitter, 'tenantId' | 'keyId'>,
  lines: readonly string[],
  ingestKey: KeyObject,
): string =>
  sealBatch(
    { tenant_id: tenantId, key_id: keyId, received_at: '2026-11-23T10:00:00.000000Z' },
    lines,
    ingestKey,
  );
