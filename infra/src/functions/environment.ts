import type * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Accounts } from '../identity/accounts.ts';
import type { Topics } from '../messaging/topics.ts';
import type { Secrets } from '../secrets/secrets.ts';
import type { Settings } from '../settings/settings.ts';
import type { Buckets } from '../tiles/buckets.ts';
import { FUNCTIONS, type FunctionName } from './catalog.ts';
import { functionUrl } from './cloud-function.ts';

/**
 * The bodies that pass through `ingest` live outside V8's heap for a request and die young: a small young generation lets go of
 * them before they force a collection of everything, which would stop the requests beside it for ten milliseconds.
 * scripts/benches/cloud/ingest.ts measures with the same.
 */
const INGEST_NODE_OPTIONS = '--max-semi-space-size=2';

export type Environment = Readonly<Record<string, pulumi.Input<string>>>;

/** What the functions are told of the world. No secret's value is here: names only. */
export function environmentOf(
  name: FunctionName,
  settings: Settings,
  made: {
    readonly database: gcp.spanner.Database;
    readonly topics: Topics;
    readonly secrets: Secrets;
    readonly accounts: Accounts;
    readonly buckets: Buckets;
  },
): Environment {
  const { database, topics, secrets, accounts, buckets } = made;
  const topic = (which: keyof Topics): pulumi.Output<string> =>
    pulumi.interpolate`projects/${settings.projectId}/topics/${topics[which].name}`;
  const secret = (which: keyof Secrets): pulumi.Output<string> =>
    pulumi.interpolate`projects/${settings.projectId}/secrets/${secrets[which].secretId}`;
  const role = FUNCTIONS[name].databaseRole;
  const spanner =
    role === undefined
      ? {}
      : {
          VANTIO_SPANNER_DATABASE: pulumi.interpolate`projects/${settings.projectId}/instances/${database.instance}/databases/${database.name}`,
          VANTIO_DATABASE_ROLE: role,
        };
  const door = {
    VANTIO_KEY_SIGNERS: settings.keySigners.join(','),
    VANTIO_REVOCATIONS_SECRET: secret('revocations'),
  };
  const toLedger = {
    VANTIO_LEDGER_TOPIC: topic('ledger'),
    VANTIO_INGEST_KEY_SECRET: secret('ingest-key'),
    VANTIO_CONTROL_KEY_SECRET: secret('control-key'),
  };
  const logIdentity = {
    VANTIO_LOG_NAME: settings.logName,
    VANTIO_LOG_PUBLIC_KEY: settings.logPublicKeys.join(','),
  };
  const revoked = { VANTIO_REVOKED_LOG_KEYS: settings.revokedLogKeys.join(',') };
  const log = {
    ...logIdentity,
    VANTIO_TILES_BUCKET: buckets.settled.name,
    VANTIO_MOVING_TILES_BUCKET: buckets.moving.name,
  };
  const own: Readonly<Record<FunctionName, Environment>> = {
    config: { ...door, ...toLedger },
    ingest: {
      ...door,
      NODE_OPTIONS: INGEST_NODE_OPTIONS,
      ...toLedger,
      ...logIdentity,
      ...revoked,
      VANTIO_RECEIPT_KEY_SECRET: secret('receipt-key'),
    },
    writer: {
      VANTIO_INGEST_SIGNERS: settings.ingestSigners.join(','),
      VANTIO_PUSH_AUDIENCE: functionUrl(settings, 'writer'),
      VANTIO_PUSH_ACCOUNT: accounts.push.email,
      VANTIO_DEAD_LETTER_TOPIC: topic('deadLetter'),
    },
    sealer: {
      ...log,
      ...revoked,
      VANTIO_LOG_KEY: settings.logKmsKey === '' ? secret('log-key') : settings.logKmsKey,
      VANTIO_NEXT_LOG_KEY:
        settings.nextLogKey === 'secret' ? secret('next-log-key') : settings.nextLogKey,
      VANTIO_SEAL_TOPIC: topic('seal'),
    },
    log: { ...door, ...log, VANTIO_WITNESSES: witnessesOf(settings) },
    quota: {},
    keymaker: {
      ...door,
      VANTIO_KEYMAKER_SECRET: secret('keymaker'),
      VANTIO_OPERATOR_TENANT: settings.operatorTenant,
    },
  };
  return { GOOGLE_CLOUD_PROJECT: settings.projectId, ...spanner, ...own[name] };
}

const witnessesOf = ({ witnesses, witnessQuorum }: Settings): string =>
  [...witnesses, ...(witnessQuorum > 1 ? [`quorum ${witnessQuorum}`] : [])].join(',');
