import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { startMirror } from '@vantio/functions/cloud/mirror';
import { openKeymaker } from '@vantio/functions/local';
import { makeApiKey } from '@vantio/schema';
import { startStandIn } from './stand-in-subject.ts';

const DDL = new URL('../../../../schema/spanner_ledger.ddl', import.meta.url);
const PROJECT = 'vantio-local';

/** For `test(name, { skip })`: why these tests cannot run here, or false. */
export const skip: string | false =
  process.env.SPANNER_EMULATOR_HOST === undefined &&
  'no emulators on this machine: run scripts/test cloud';

/** A project on this machine: the deployed functions around the emulators, with database roles in front of Spanner. */
export async function startMirrorSubject() {
  const stateDir = mkdtempSync(join(tmpdir(), 'vantio-probe-'));
  const mirror = await startMirror({ stateDir, ddl: readFileSync(DDL, 'utf8') });
  const { privateKey } = openKeymaker(stateDir);
  const keyFor = (tenantId: string): string => makeApiKey({ tenantId, plan: 'paid' }, privateKey);
  // Where the mirror tells its own functions what it made.
  const { VANTIO_LEDGER_TOPIC: ledger = '', VANTIO_DEAD_LETTER_TOPIC: deadLetter = '' } =
    process.env;
  const pubsub = new PubSub({ projectId: PROJECT });
  const standIn = await startStandIn(mirror.database, {
    apiKey: keyFor('probe-mirror'),
    url: mirror.url,
    pubsub: async () => pubsub,
    topics: { ledger, deadLetter },
    deadLetterSubscription: deadLetter.replace('/topics/', '/subscriptions/'),
  });
  return {
    ...standIn,
    keyFor,
    pubsub,
    close: async () => {
      await standIn.close();
      await pubsub.close();
      mirror.close();
      rmSync(stateDir, { recursive: true });
      // The clients that the functions opened live as long as an instance does.
      setTimeout(() => process.exit(), 500).unref();
    },
  };
}

export type MirrorSubject = Awaited<ReturnType<typeof startMirrorSubject>>;
