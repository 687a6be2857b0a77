import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { type Context, component, LABELS, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import type { Redis } from '../network/redis.ts';
import type { ServiceAgents } from '../project/service-agents.ts';
import { makeRotationTopic, type Rotation, rotationFrom } from './rotation.ts';

/** Keys come due; the list of revocations and the way to Redis change when they change. */
const DUE = {
  keymaker: true,
  'ingest-key': true,
  'receipt-key': true,
  'control-key': true,
  // Readers know a log by its key, and each log has to hand over: it is not changed by the calendar.
  'log-key': false,
  'next-log-key': false,
  revocations: false,
  'redis-url': false,
  'redis-ca': false,
};

export type SecretName = keyof typeof DUE;
export type Secrets = Readonly<Record<SecretName, gcp.secretmanager.Secret>>;
/** Version numbers of what Pulumi itself writes: a new one makes new instances of the functions that mount it. */
export type RedisVersions = Readonly<Record<'redis-url' | 'redis-ca', pulumi.Output<string>>>;

const NAMES = Object.keys(DUE) as SecretName[];

/** The secrets. Only the way to Redis gets a value from here; the others are put in by people and never pass Pulumi. */
export const makeSecrets = (
  context: Context,
  agents: ServiceAgents,
  redis: Redis,
  key: DataKey,
  now: Date,
): { readonly secrets: Secrets; readonly versions: RedisVersions } =>
  component(context, 'secrets', (inner) => {
    const rotation = makeRotationTopic(inner, agents, key);
    const made = NAMES.map((name) => [name, makeSecret(inner, name, rotation, key, now)]);
    const secrets = Object.fromEntries(made) as Secrets;
    const version = (name: SecretName, secretData: pulumi.Output<string>) =>
      new gcp.secretmanager.SecretVersion(
        `${name}-version`,
        { secret: secrets[name].id, secretData },
        under(inner),
      ).version;
    return {
      secrets,
      versions: {
        'redis-url': version('redis-url', redis.url),
        'redis-ca': version('redis-ca', redis.certificates),
      },
    };
  });

function makeSecret(
  context: Context,
  name: SecretName,
  rotation: Rotation,
  key: DataKey,
  now: Date,
): gcp.secretmanager.Secret {
  const { projectId, region } = context.settings;
  const encryption = key === undefined ? {} : { customerManagedEncryption: { kmsKeyName: key } };
  return new gcp.secretmanager.Secret(
    `secret-${name}`,
    {
      secretId: `vantio-${name}`,
      project: projectId,
      labels: LABELS,
      replication: { userManaged: { replicas: [{ location: region, ...encryption }] } },
      // A version destroyed by mistake can be had back for a day.
      versionDestroyTtl: '86400s',
      ...(DUE[name] ? { rotation: rotationFrom(now), topics: [{ name: rotation.topic.id }] } : {}),
    },
    // Secret Manager moves the next rotation; each `pulumi up` must not move it again.
    under(context, { dependsOn: rotation.grant, ignoreChanges: ['rotation.nextRotationTime'] }),
  );
}
