import { generateKeyPairSync, sign } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { originOf } from '../log-key/log-identity.ts';
import { makeReceiptKey } from '../receipts/make-receipt-key.ts';
import { functionOf, listen } from './listen.ts';
import type { SecretManagerStandIn } from './secret-manager.ts';
import type { StorageServer } from './storage-server.ts';

export type MirrorLogOptions = {
  readonly secrets: SecretManagerStandIn;
  /** What the names of secrets begin with. */
  readonly prefix: string;
  readonly storage: StorageServer;
  /** Topic of the lists that sealers are given: projects/P/topics/T */
  readonly topic: string;
  readonly pushTo: (pushEndpoint: string) => Promise<void>;
};

export type MirrorLog = {
  /** `log`, as the load balancer has it. */
  readonly listener: RequestListener;
  /** What a reader of a tenant's log pins. */
  readonly verifierKeyOf: (tenantId: string) => string;
  readonly close: () => void;
};

const LOG_NAME = 'log.local';
/** In the cloud each minute, and for what is five minutes old: nobody would wait so long in front of a demonstration. */
const SWEEP_MILLIS = 1000;

/** The log of the mirror: its keys, its buckets, `sealer` and `log`, and a clock in the place of Scheduler. */
export async function startMirrorLog(options: MirrorLogOptions): Promise<MirrorLog> {
  const { secrets, prefix, storage, topic, pushTo } = options;
  const { privateKey } = generateKeyPairSync('ed25519');
  const raw = rawPublicKey(privateKey);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  secrets.put(`${prefix}/vantio-log-key`, pem);
  const { text } = await makeReceiptKey({
    logName: LOG_NAME,
    sign: (certificate) => sign(null, Buffer.from(certificate), privateKey),
    days: 1,
  });
  secrets.put(`${prefix}/vantio-receipt-key`, text);
  Object.assign(process.env, {
    VANTIO_STORAGE_HOST: storage.host,
    VANTIO_LOG_NAME: LOG_NAME,
    VANTIO_LOG_PUBLIC_KEY: Buffer.from(raw).toString('hex'),
    VANTIO_LOG_KEY: `${prefix}/vantio-log-key`,
    VANTIO_RECEIPT_KEY_SECRET: `${prefix}/vantio-receipt-key`,
    VANTIO_TILES_BUCKET: await storage.makeBucket(),
    VANTIO_MOVING_TILES_BUCKET: await storage.makeBucket(),
    VANTIO_SEAL_TOPIC: topic,
  });
  await import('../entries/sealer.ts');
  await import('../entries/log.ts');
  const sealer = await listen(functionOf('sealer'));
  await pushTo(sealer.url);
  const clock = everySoOften(() => sweep(sealer.url));
  return {
    listener: functionOf('log'),
    verifierKeyOf: (tenantId) =>
      formatVerifierKey({ name: originOf(LOG_NAME, tenantId), type: 'ed25519', publicKey: raw }),
    close: () => {
      clearInterval(clock);
      sealer.server.closeAllConnections();
      sealer.server.close();
      storage.close();
    },
  };
}

/** What Scheduler sends once a day. */
async function sweep(url: string): Promise<void> {
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sweep: 'all' }),
  });
}

/** One call at a time; one that fails is made again. */
function everySoOften(call: () => Promise<void>): NodeJS.Timeout {
  let isUnderWay = false;
  return setInterval(() => {
    if (isUnderWay) return;
    isUnderWay = true;
    call()
      .catch(() => {})
      .finally(() => {
        isUnderWay = false;
      });
  }, SWEEP_MILLIS);
}
