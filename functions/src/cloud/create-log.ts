import type { HttpFunction } from '@google-cloud/functions-framework';
import { createNoteVerifier } from '@vantio/schema/tlog/note-keys';
import { LOG_REQUESTS_PER_MINUTE } from '@vantio/schema/wire/limits';
import { createLog } from '../log/log-handler.ts';
import { parseWitnessPolicy } from '../log/witness-policy.ts';
import { createDoor } from './create-door.ts';
import { atEnd } from './drain/at-end.ts';
import { SettingError, setting } from './environment.ts';
import { logFault } from './log.ts';
import { logNameSetting, openLogBuckets } from './log-buckets.ts';
import { noteKeyOf, originOf } from './log-key/log-identity.ts';
import { logPublicKeysSetting } from './log-key/open-log-keys.ts';
import { createTenantLogReader } from './serve-log/tenant-log-reader.ts';
import { openDatabase } from './spanner/open-database.ts';

/** Queries under way at one time: the session pool is of this size. */
const CONCURRENCY = 40;

/**
 * `log`, from the environment: the endpoints of schema/log.md, section 3, over the log of the caller's tenant and no other. It
 * holds no key that signs.
 */
export async function createCloudLog(): Promise<HttpFunction> {
  const emulated = process.env.SPANNER_EMULATOR_HOST !== undefined;
  const logName = logNameSetting();
  const publicKeys = logPublicKeysSetting().map((hex) => Buffer.from(hex, 'hex'));
  const witnesses = witnessesSetting();
  const door = await createDoor({ requestsPerMinute: LOG_REQUESTS_PER_MINUTE, counted: 'log:' });
  const database = await openDatabase({
    path: setting('VANTIO_SPANNER_DATABASE'),
    role: emulated ? undefined : setting('VANTIO_DATABASE_ROLE'),
    concurrency: CONCURRENCY,
    onFault: logFault,
  });
  atEnd('the Spanner client', () => database.close());
  return door.behind(
    createLog({
      logOf: createTenantLogReader({
        ...openLogBuckets(),
        database,
        witnesses,
        verifierOf: (tenantId) =>
          publicKeys.map((publicKey) =>
            createNoteVerifier(noteKeyOf(originOf(logName, tenantId), publicKey)),
          ),
      }),
      isShared: false,
      doorkeeper: door.doorkeeper,
      // Without a ledger of its own: what is refused here is in the log of this function.
      rateLimiter: door.createRateLimiter(() => {}),
      onFault: logFault,
    }),
  );
}

/** Verifier keys of the witnesses whose lines are taken, comma-separated, and among them their quorum; absent: none are. */
function witnessesSetting(): string {
  const text = (process.env.VANTIO_WITNESSES ?? '').split(',').join('\n');
  try {
    parseWitnessPolicy(text);
  } catch {
    throw new SettingError(
      'VANTIO_WITNESSES is not a list of verifier keys, NAME+KEYID+BASE64, with at most one `quorum N` of no more than these',
    );
  }
  return text;
}
