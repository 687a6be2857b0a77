import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { HttpFunction } from '@google-cloud/functions-framework';
import { publicKeyFromRaw } from '@vantio/schema/session-signature';
import { createRefusalNotes } from '../door/refusal-notes.ts';
import { createIngest } from '../ingest/handler.ts';
import { createDoor } from './create-door.ts';
import { atEnd } from './drain/at-end.ts';
import { setting } from './environment.ts';
import { logFault } from './log.ts';
import { logNameSetting } from './log-buckets.ts';
import { logPublicKeysSetting, revokedLogKeysSetting } from './log-key/open-log-keys.ts';
import { openTopic } from './pubsub/open-topic.ts';
import { createPubSubStore } from './pubsub/pubsub-store.ts';
import { createCloudPromise } from './receipts/promise-to-log.ts';
import { createReadSecret } from './secrets/read-secret.ts';
import { createRefreshed } from './secrets/refreshed.ts';

/** `ingest` in the cloud, from the environment. */
export async function createCloudIngest(): Promise<HttpFunction> {
  const topic = await openTopic(setting('VANTIO_LEDGER_TOPIC'));
  const readSigner = createReadSecret({ name: setting('VANTIO_INGEST_KEY_SECRET') });
  const door = await createDoor();
  const store = createPubSubStore({
    topic,
    signer: createRefreshed({ load: async () => createPrivateKey(await readSigner()) }),
    counts: door.counts,
    controlKey: createReadSecret({ name: setting('VANTIO_CONTROL_KEY_SECRET') }),
    onFault: logFault,
  });
  atEnd('the topic', store.close);
  const noteRefusal = createRefusalNotes({ note: store.note, onFault: logFault });
  return door.behind(
    createIngest({
      store,
      doorkeeper: door.doorkeeper,
      rateLimiter: door.createRateLimiter(noteRefusal),
      noteRefusal,
      onFault: logFault,
      ...promiseFromEnvironment(),
    }),
  );
}

/** A certificate of a revoked key is worth nothing to a reader, whoever asked for it. */
function vouchingKeys(): readonly KeyObject[] {
  const known = logPublicKeysSetting();
  const revoked = revokedLogKeysSetting(known);
  return known.filter((key) => !revoked.includes(key)).map(publicKeyFromRaw);
}

/** Without the secret's name nothing is promised: for a ledger that has no log. */
function promiseFromEnvironment() {
  const name = process.env.VANTIO_RECEIPT_KEY_SECRET;
  if (name === undefined) return {};
  const promise = createCloudPromise({
    readSecret: createReadSecret({ name }),
    logName: logNameSetting(),
    logKeys: vouchingKeys(),
    onFault: logFault,
  });
  return { promise };
}
