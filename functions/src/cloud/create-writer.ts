import type { HttpFunction } from '@google-cloud/functions-framework';
import { publicKeysSetting, setting } from './environment.ts';
import { log, logFault } from './log.ts';
import { openTopic } from './pubsub/open-topic.ts';
import { createCheckedCommit, type TimestampFinding } from './spanner/checked-commit.ts';
import { openDatabase } from './spanner/open-database.ts';
import { createReopeningCommit } from './spanner/reopening-commit.ts';
import { createStoreOnce } from './spanner/store-once.ts';
import { createDeadLetter } from './writer/dead-letter.ts';
import { createWriter, type WriterEntry } from './writer/handler.ts';
import { createPushTokenCheck } from './writer/push-token.ts';

const CONCURRENCY = 8;

/**
 * `writer`, from the environment. Only beside the emulator does it do without a database role, and believe certificates
 * other than Google's: the emulators know no roles and sign no tokens.
 */
export async function createCloudWriter(): Promise<HttpFunction> {
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  const database = {
    path: setting('VANTIO_SPANNER_DATABASE'),
    role: emulated ? undefined : setting('VANTIO_DATABASE_ROLE'),
    concurrency: CONCURRENCY,
    onFault: logFault,
  };
  const { commit } = createReopeningCommit(() => openDatabase(database));
  return createWriter({
    checkToken: await createPushTokenCheck({
      audience: setting('VANTIO_PUSH_AUDIENCE'),
      account: setting('VANTIO_PUSH_ACCOUNT'),
      ...(emulated ? { certificatesUrl: setting('VANTIO_PUSH_CERTIFICATES_URL') } : {}),
    }),
    ingestSigners: publicKeysSetting('VANTIO_INGEST_SIGNERS'),
    storeOnce: createStoreOnce({ commit: createCheckedCommit({ commit, onFinding }) }),
    deadLetter: createDeadLetter(await openTopic(setting('VANTIO_DEAD_LETTER_TOPIC'))),
    log: logEntry,
  });
}

const SEVERITY = {
  stored: 'INFO',
  retry: 'WARNING',
  refused: 'WARNING',
  dead_letter: 'ERROR',
} as const;

const onFinding = ({ kind, ...fields }: TimestampFinding): void =>
  log(kind === 'commit_order' ? 'ERROR' : 'WARNING', kind, fields);

const logEntry = ({ event, ...fields }: WriterEntry): void => log(SEVERITY[event], event, fields);
