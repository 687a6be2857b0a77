import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { type Context, LABELS, under } from '../context.ts';
import type { Network } from '../network/network.ts';
import type { Settings } from '../settings/settings.ts';
import type { Build } from './build.ts';
import { readBundle } from './bundle.ts';
import { FUNCTIONS, type FunctionName, instancesOf } from './catalog.ts';
import type { Environment } from './environment.ts';
import type { redisMount } from './redis-mount.ts';

export type CloudFunction = {
  readonly name: pulumi.Output<string>;
  /** Where Cloud Run serves it. */
  readonly uri: pulumi.Output<string>;
};

/** The name that a token for this function is made out to. Unlike the URI it is known before the function is. */
export const functionUrl = ({ region, projectId }: Settings, name: FunctionName): string =>
  `https://${region}-${projectId}.cloudfunctions.net/vantio-${name}`;

export type FunctionParts = {
  readonly account: gcp.serviceaccount.Account;
  readonly build: Build;
  readonly network: Network;
  readonly environment: Environment;
  readonly redis: ReturnType<typeof redisMount> | undefined;
  /** What must be granted before it starts. */
  readonly rights: readonly pulumi.Resource[];
};

export function makeFunction(
  context: Context,
  name: FunctionName,
  { account, build, network, environment, redis, rights }: FunctionParts,
): CloudFunction {
  const { settings } = context;
  const spec = FUNCTIONS[name];
  const { min, max } = instancesOf(name, settings);
  const bundle = readBundle(settings.bundles, name);
  const source = new gcp.storage.BucketObject(
    `source-${name}`,
    {
      bucket: build.sources.name,
      name: `${name}-${bundle.sha256}.zip`,
      source: bundle.archive,
    },
    under(context),
  );
  const made = new gcp.cloudfunctionsv2.Function(
    `function-${name}`,
    {
      name: `vantio-${name}`,
      location: settings.region,
      project: settings.projectId,
      labels: LABELS,
      buildConfig: {
        runtime: 'nodejs24',
        entryPoint: name,
        serviceAccount: build.account.name,
        dockerRepository: build.images.id,
        source: { storageSource: { bucket: build.sources.name, object: source.name } },
        automaticUpdatePolicy: {},
      },
      serviceConfig: {
        serviceAccountEmail: account.email,
        availableCpu: '1',
        availableMemory: spec.memory,
        maxInstanceRequestConcurrency: spec.concurrency,
        minInstanceCount: min,
        maxInstanceCount: max,
        timeoutSeconds: spec.timeoutSeconds,
        ingressSettings: ingressOf(name, settings),
        directVpcEgress: 'VPC_EGRESS_ALL_TRAFFIC',
        directVpcNetworkInterfaces: [
          { network: network.network.name, subnetwork: network.subnetwork.name },
        ],
        allTrafficOnLatestRevision: true,
        environmentVariables: { ...environment, ...redis?.environment },
        ...(redis === undefined
          ? {}
          : {
              secretEnvironmentVariables: redis.secretEnvironmentVariables,
              secretVolumes: redis.secretVolumes,
            }),
      },
    },
    under(context, { dependsOn: [...build.rights, ...rights] }),
  );
  const uri = made.serviceConfig.apply((config) => config?.uri ?? '');
  return { name: made.name, uri };
}

/** An operator calls the keymaker from outside, with a token; nothing else private is reachable from there. */
function ingressOf(name: FunctionName, { keymakerOperators }: Settings): string {
  if (FUNCTIONS[name].reach === 'public') return 'ALLOW_INTERNAL_AND_GCLB';
  return name === 'keymaker' && keymakerOperators.length > 0 ? 'ALLOW_ALL' : 'ALLOW_INTERNAL_ONLY';
}
