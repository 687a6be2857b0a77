import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { signRevocationList } from '../../door/revocation-list.ts';
import { openControlKey, openKeymaker } from '../../local/keys/keymaker.ts';
import { createLedgerDatabase } from './create-ledger-database.ts';
import { createTopics } from './create-topics.ts';
import { functionOf, listen } from './listen.ts';
import { type PushSigner, startPushSigner } from './push-signer.ts';
import { startSecretManager } from './secret-manager.ts';
import { startMirrorLog } from './start-log.ts';
import type { StorageServer } from './storage-server.ts';

export { createLedgerDatabase } from './create-ledger-database.ts';
export { missingStorageServer, startStorageServer } from './storage-server.ts';

export type MirrorOptions = {
  /** Its key-making key is the one that `vantio keys create` uses. */
  readonly stateDir: string;
  /** Text of schema/spanner_ledger.ddl. */
  readonly ddl: string;
  /** Where the logs' buckets are; without it there is no log, and no receipt. */
  readonly storage?: StorageServer;
};

export type Mirror = {
  readonly url: string;
  /** projects/P/instances/I/databases/D */
  readonly database: string;
  /** What a reader of a tenant's log pins; undefined where there is no log. */
  readonly verifierKeyOf: ((tenantId: string) => string) | undefined;
  readonly close: () => void;
};

const PROJECT = 'vantio-local';
const SECRETS = `projects/${PROJECT}/secrets`;
const OF_THE_LOG = /^\/api\/v1\/(checkpoints?|consistency|cosignatures|proof|rotations|tile)(\/|$)/;
const AUDIENCE = 'https://writer.local';
const ACCOUNT = `push@${PROJECT}.iam.gserviceaccount.com`;

/**
 * The cloud on one machine: the functions by the entries that are deployed, with the emulators around them. What Google has
 * no emulator for is stood in for: Secret Manager, and the OIDC token that Pub/Sub's push carries.
 */
export async function startMirror({ stateDir, ddl, storage }: MirrorOptions): Promise<Mirror> {
  const keymaker = openKeymaker(stateDir);
  const ingestKey = generateKeyPairSync('ed25519');
  const secrets = await startSecretManager();
  const list = { at: '2026-01-01T00:00:00.000000Z', key_ids: [], v: 1, version: 1 } as const;
  secrets.put(`${SECRETS}/vantio-revocations`, signRevocationList(list, keymaker.privateKey));
  secrets.put(`${SECRETS}/vantio-control-key`, openControlKey(stateDir, keymaker));
  const pem = ingestKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  secrets.put(`${SECRETS}/vantio-ingest-key`, pem);

  const signer = await startPushSigner();
  const database = await createLedgerDatabase(PROJECT, ddl);
  const topics = await createTopics(PROJECT);
  Object.assign(process.env, {
    VANTIO_SECRET_MANAGER_HOST: secrets.host,
    VANTIO_KEY_SIGNERS: rawPublicKey(keymaker.publicKey),
    VANTIO_REVOCATIONS_SECRET: `${SECRETS}/vantio-revocations`,
    VANTIO_INGEST_KEY_SECRET: `${SECRETS}/vantio-ingest-key`,
    VANTIO_CONTROL_KEY_SECRET: `${SECRETS}/vantio-control-key`,
    VANTIO_LEDGER_TOPIC: topics.ledger,
    VANTIO_DEAD_LETTER_TOPIC: topics.deadLetter,
    VANTIO_SPANNER_DATABASE: database,
    VANTIO_INGEST_SIGNERS: rawPublicKey(ingestKey.publicKey),
    VANTIO_PUSH_AUDIENCE: AUDIENCE,
    VANTIO_PUSH_ACCOUNT: ACCOUNT,
    VANTIO_PUSH_CERTIFICATES_URL: signer.certificatesUrl,
  });
  const log =
    storage &&
    (await startMirrorLog({
      ...{ secrets, storage, topic: topics.seal, pushTo: topics.pushSealsTo },
      prefix: SECRETS,
    }));
  await import('../entries/config.ts');
  await import('../entries/ingest.ts');
  await import('../entries/writer.ts');

  const [config, ingest] = [functionOf('config'), functionOf('ingest')];
  const front = await listen((request, response) => {
    const to = request.url?.startsWith('/api/v1/ingest')
      ? ingest
      : log && OF_THE_LOG.test(request.url ?? '')
        ? log.listener
        : config;
    to(request, response);
  });
  const push = await listen(withToken(signer, functionOf('writer')));
  await topics.pushTo(push.url);
  return {
    url: front.url,
    database,
    verifierKeyOf: log?.verifierKeyOf,
    close: () => {
      log?.close();
      for (const { server } of [front, push]) {
        server.closeAllConnections();
        server.close();
      }
      signer.close();
      secrets.close();
      topics.close();
    },
  };
}

/** What Pub/Sub adds in the cloud and its emulator does not. */
const withToken =
  ({ token }: PushSigner, writer: RequestListener): RequestListener =>
  (request, response) => {
    const now = Math.floor(Date.now() / 1000);
    request.headers.authorization = token({
      iss: 'https://accounts.google.com',
      aud: AUDIENCE,
      email: ACCOUNT,
      email_verified: true,
      iat: now - 10,
      exp: now + 3600,
    });
    writer(request, response);
  };
