import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createInterface } from 'node:readline';
import { makeApiKey, type Plan } from '@vantio/schema';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { startSecretManager } from '../../../functions/dist/cloud/mirror/secret-manager.js';
import { makeReceiptKey } from '../../../functions/dist/cloud/receipts/make-receipt-key.js';
import { signRevocationList } from '../../../functions/dist/door/revocation-list.js';

/** What stands around `ingest` in the cloud, on loopback. */
export type Surroundings = {
  readonly environment: Readonly<Record<string, string>>;
  readonly newKey: (plan: Plan) => string;
  /** Ingest's own key. */
  readonly signer: KeyObject;
  readonly close: () => void;
};

export const PROJECT = 'vantio-local';
const SECRETS = `projects/${PROJECT}/secrets`;
const LOG_NAME = 'log.bench';

/** Secret Manager's stand-in, and a Pub/Sub that acknowledges at once. */
export async function startSurroundings(): Promise<Surroundings> {
  const keymaker = generateKeyPairSync('ed25519');
  const ingest = generateKeyPairSync('ed25519');
  const newKey = (plan: Plan): string =>
    makeApiKey({ tenantId: 'bench', plan }, keymaker.privateKey);
  const secrets = await startSecretManager();
  const list = { at: '2026-01-01T00:00:00.000000Z', key_ids: [], v: 1, version: 1 } as const;
  secrets.put(`${SECRETS}/vantio-revocations`, signRevocationList(list, keymaker.privateKey));
  secrets.put(`${SECRETS}/vantio-control-key`, newKey('control'));
  const pem = ingest.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  secrets.put(`${SECRETS}/vantio-ingest-key`, pem);
  // With it each batch is answered with a signed receipt, as in a project.
  const log = generateKeyPairSync('ed25519');
  const { text } = await makeReceiptKey({
    logName: LOG_NAME,
    sign: (certificate) => sign(null, Buffer.from(certificate), log.privateKey),
    days: 1,
  });
  secrets.put(`${SECRETS}/vantio-receipt-key`, text);
  const publisher = await startPublisher();
  return {
    environment: {
      PUBSUB_EMULATOR_HOST: publisher.host,
      GOOGLE_CLOUD_PROJECT: PROJECT,
      METADATA_SERVER_DETECTION: 'none',
      VANTIO_SECRET_MANAGER_HOST: secrets.host,
      VANTIO_KEY_SIGNERS: rawPublicKey(keymaker.publicKey),
      VANTIO_REVOCATIONS_SECRET: `${SECRETS}/vantio-revocations`,
      VANTIO_INGEST_KEY_SECRET: `${SECRETS}/vantio-ingest-key`,
      VANTIO_LOG_NAME: LOG_NAME,
      VANTIO_LOG_PUBLIC_KEY: rawPublicKey(log.publicKey),
      VANTIO_RECEIPT_KEY_SECRET: `${SECRETS}/vantio-receipt-key`,
      VANTIO_CONTROL_KEY_SECRET: `${SECRETS}/vantio-control-key`,
      VANTIO_LEDGER_TOPIC: `projects/${PROJECT}/topics/vantio-ledger`,
      VANTIO_DEAD_LETTER_TOPIC: `projects/${PROJECT}/topics/vantio-dead-letter`,
      VANTIO_INGEST_SIGNERS: rawPublicKey(ingest.publicKey),
    },
    newKey,
    signer: ingest.privateKey,
    close: () => {
      secrets.close();
      publisher.child.stdin?.end();
    },
  };
}

async function startPublisher(): Promise<{ readonly child: ChildProcess; readonly host: string }> {
  const script = new URL('publisher.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = await new Promise<readonly string[]>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve([line]));
    child.once('exit', (code) => reject(new Error(`the publisher's front ended with ${code}`)));
  });
  return { child, host: `127.0.0.1:${port}` };
}
