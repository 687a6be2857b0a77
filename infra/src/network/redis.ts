import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Context, component, LABELS, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import type { Network } from './network.ts';

/** How the functions reach the counters of rate and quota. Both outputs are secret in Pulumi's state. */
export type Redis = {
  readonly url: pulumi.Output<string>;
  readonly certificates: pulumi.Output<string>;
};

/** Memorystore, with a password and TLS in either profile: what is tried in dev is what runs in prod. */
export const makeRedis = (context: Context, network: Network, key: DataKey): Redis =>
  component(context, 'redis', (inner) => {
    const { settings } = inner;
    const { tier, memoryGb } = settings.profile.redis;
    const redis = new gcp.redis.Instance(
      'redis',
      {
        name: 'vantio',
        displayName: 'Vantio rate and quota',
        project: settings.projectId,
        region: settings.region,
        tier,
        memorySizeGb: memoryGb,
        redisVersion: 'REDIS_7_2',
        authEnabled: true,
        transitEncryptionMode: 'SERVER_AUTHENTICATION',
        connectMode: 'PRIVATE_SERVICE_ACCESS',
        authorizedNetwork: network.network.id,
        // A counter that is thrown out is a limit that is forgotten: rather refuse the write.
        redisConfigs: { 'maxmemory-policy': 'noeviction' },
        labels: LABELS,
        ...(key === undefined ? {} : { customerManagedKey: key }),
      },
      under(inner, { dependsOn: network.privateServices }),
    );
    return {
      url: pulumi.secret(
        pulumi.interpolate`rediss://default:${redis.authString}@${redis.host}:${redis.port}`,
      ),
      certificates: redis.serverCaCerts.apply((all) => all.map(({ cert }) => cert).join('\n')),
    };
  });
