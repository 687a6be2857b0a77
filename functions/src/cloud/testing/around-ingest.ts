import { generateKeyPairSync } from 'node:crypto';
import { makeApiKey } from '@vantio/schema';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { signRevocationList } from '../../door/revocation-list.ts';
import { startSecretManager } from '../mirror/secret-manager.ts';
import { keymaker } from './records.ts';

type TestContext = { after(hook: () => unknown): void };

const SECRETS = 'projects/vantio-local/secrets';

/** What `config` and `ingest` need to start, but for a topic: keys, and a stand-in of Secret Manager that holds them. */
export async function aroundIngest(test: TestContext) {
  const ingestKey = generateKeyPairSync('ed25519');
  const secrets = await startSecretManager();
  test.after(() => secrets.close());
  const list = { at: '2026-01-01T00:00:00.000000Z', key_ids: [], v: 1, version: 1 } as const;
  secrets.put(`${SECRETS}/vantio-revocations`, signRevocationList(list, keymaker.privateKey));
  const controlKey = makeApiKey({ tenantId: 'vantio', plan: 'control' }, keymaker.privateKey);
  secrets.put(`${SECRETS}/vantio-control-key`, controlKey);
  const pem = ingestKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  secrets.put(`${SECRETS}/vantio-ingest-key`, pem);
  return {
    ingestKey,
    secrets,
    environment: {
      VANTIO_SECRET_MANAGER_HOST: secrets.host,
      VANTIO_KEY_SIGNERS: rawPublicKey(keymaker.publicKey),
      VANTIO_REVOCATIONS_SECRET: `${SECRETS}/vantio-revocations`,
      VANTIO_INGEST_KEY_SECRET: `${SECRETS}/vantio-ingest-key`,
      VANTIO_CONTROL_KEY_SECRET: `${SECRETS}/vantio-control-key`,
      VANTIO_LEDGER_TOPIC: 'projects/vantio-local/topics/nowhere',
    } as Readonly<Record<string, string>>,
  };
}
