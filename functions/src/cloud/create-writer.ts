import type { HttpFunction } from '@google-cloud/functions-framework';
import { withDeadline } from './deadline.ts';
import { atEnd } from './drain/at-end.ts';
import { publicKeysSetting, setting } from './environment.ts';
import { log, logFault } from './log.ts';
import { measure } from './metrics/measure.ts';
import { openTopic } from './pubsub/open-topic.ts';
import { createCheckedCommit, type TimestampFinding } from './spanner/checked-commit.ts';
import { openDatabase } from './spanner/open-database.ts';
import { createReopeningCommit } from './spanner/reopening-commit.ts';
import { createStoreOnce } from './spanner/store-once.ts';
import { createDeadLetter } from './writer/dead-letter.ts';
import { createWriter, type WriterEntry } from './writer/handler.ts';
import { createPushTokenCheck } from './writer/push-token.ts';

/** Pushes that an instance works on at one time, as infra deploys it (`concurrency` in its catalog). */
const CONCURRENCY = 16;
/** Less than the function's own time limit of 60 s: a message that takes longer is refused, and pushed again. */
const STORE_MILLIS = 45_000;

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
  const { commit, close } = createReopeningCommit(() => openDatabase(database));
  atEnd('the Spanner client', close);
  const storeOnce = createStoreOnce({ commit: createCheckedCommit({ commit, onFinding }) });
  return createWriter({
    checkToken: await createPushTokenCheck({
      audience: setting('VANTIO_PUSH_AUDIENCE'),
      account: setting('VANTIO_PUSH_ACCOUNT'),
      ...(emulated ? { certificatesUrl: setting('VANTIO_PUSH_CERTIFICATES_URL') } : {}),
    }),
    ingestSigners: publicKeysSetting('VANTIO_INGEST_SIGNERS'),
    storeOnce: (records) => withDeadline(STORE_MILLIS, () => storeOnce(records)),
    deadLetter: createDeadLetter(await openTopic(setting('VANTIO_DEAD_LETTER_TOPIC'))),
    log: noteEntry,
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

const noteEntry = ({ event, ...fields }: WriterEntry): void => {
  log(SEVERITY[event], event, fields);
  const { inserted = 0, duplicates = 0, refused = 0, reason = '' } = fields;
  measure('vantio.messages', 1, { outcome: event });
  if (event === 'dead_letter') measure('vantio.dead_letters', 1, { reason });
  for (const [outcome, rows] of Object.entries({ inserted, duplicate: duplicates, refused }))
    if (rows > 0) measure('vantio.rows', rows, { outcome });
};
