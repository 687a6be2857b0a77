import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { instantFromMicros, makeApiKey, readApiKey } from '@vantio/schema';
import { sealBatch } from '@vantio/schema/wire/sealed-batch';
import { createLedgerDatabase } from '../../../functions/dist/cloud/mirror/create-ledger-database.js';
import { startPushSigner } from '../../../functions/dist/cloud/mirror/push-signer.js';
import { createEmitter, makeLines } from '../batches.ts';
import type { Post } from '../load.ts';
import { PROJECT } from './surroundings.ts';

/** What stands around `writer`: a ledger on the Spanner emulator, and the signer of the tokens that a push carries. */
export type WriterSurroundings = {
  readonly environment: Readonly<Record<string, string>>;
  /** projects/P/instances/I/databases/D */
  readonly database: string;
  /** Batches of new records, under a session of their own. */
  readonly makeBatches: (batches: number, events: number) => readonly Batch[];
  /** A batch as Pub/Sub pushes it. */
  readonly pushOf: (batch: Batch, url: string) => Post;
  readonly close: () => void;
};

export type Batch = {
  readonly header: Parameters<typeof sealBatch>[0];
  readonly lines: readonly string[];
};

const AUDIENCE = 'https://writer.bench';
const ACCOUNT = `push@${PROJECT}.iam.gserviceaccount.com`;
const DDL = new URL('../../../schema/spanner_ledger.ddl', import.meta.url);

/** @param signer ingest's own key. Needs SPANNER_EMULATOR_HOST and what goes with it in this process's environment. */
export async function startWriterSurroundings(signer: KeyObject): Promise<WriterSurroundings> {
  const database = await createLedgerDatabase(PROJECT, readFileSync(DDL, 'utf8'));
  const pushSigner = await startPushSigner();
  const now = Math.floor(Date.now() / 1000);
  const authorization = pushSigner.token({
    iss: 'https://accounts.google.com',
    aud: AUDIENCE,
    email: ACCOUNT,
    email_verified: true,
    iat: now - 10,
    exp: now + 3600,
  });
  const keymaker = generateKeyPairSync('ed25519').privateKey;
  let messageId = 0;
  return {
    database,
    environment: {
      VANTIO_SPANNER_DATABASE: database,
      VANTIO_PUSH_AUDIENCE: AUDIENCE,
      VANTIO_PUSH_ACCOUNT: ACCOUNT,
      VANTIO_PUSH_CERTIFICATES_URL: pushSigner.certificatesUrl,
    },
    makeBatches: (batches, events) => {
      const apiKey = makeApiKey({ tenantId: 'bench', plan: 'paid' }, keymaker);
      const emitter = createEmitter(apiKey);
      const header = {
        tenant_id: 'bench',
        key_id: readApiKey(apiKey).keyId,
        received_at: instantFromMicros(Date.now() * 1000),
      };
      return Array.from({ length: batches }, () => ({
        header,
        lines: makeLines(emitter, events),
      }));
    },
    pushOf: ({ header, lines }, url) => {
      const data = Buffer.from(sealBatch(header, lines, signer)).toString('base64');
      const message = { data, messageId: String(++messageId) };
      const subscription = `projects/${PROJECT}/subscriptions/vantio-ledger-writer`;
      return {
        url,
        headers: { authorization, 'content-type': 'application/json' },
        bytes: Buffer.from(JSON.stringify({ message, subscription })),
        status: 204,
      };
    },
    close: () => pushSigner.close(),
  };
}
