import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { makeGkeAgent } from './agent/gke-agent.ts';
import { makeCompliance } from './compliance/compliance.ts';
import type { Context } from './context.ts';
import { estimate } from './cost/estimate.ts';
import { printEstimate } from './cost/print-estimate.ts';
import { makeDataKey } from './encryption/key.ts';
import { makeFront } from './front/front.ts';
import { makeFunctions } from './functions/functions.ts';
import { makeQuotaSchedule } from './functions/quota-schedule.ts';
import { makeSealerSchedule } from './functions/sealer-schedule.ts';
import { makeAccounts } from './identity/accounts.ts';
import { makeLedger } from './ledger/ledger.ts';
import { makeDelivery } from './messaging/delivery.ts';
import { makeSealDelivery } from './messaging/seal-delivery.ts';
import { makeTopics } from './messaging/topics.ts';
import { makeNetwork } from './network/network.ts';
import { makeRedis } from './network/redis.ts';
import { makeApis } from './project/apis.ts';
import { makeServiceAgents } from './project/service-agents.ts';
import { makeSecrets } from './secrets/secrets.ts';
import type { Settings } from './settings/settings.ts';
import { makeBuckets } from './tiles/buckets.ts';
import { grantTiles } from './tiles/grant-tiles.ts';
import { grantLogKeys } from './tiles/log-keys.ts';
import { makeWatch } from './watch/watch.ts';

export type ControlPlane = {
  readonly address: pulumi.Output<string>;
  readonly endpoint: string;
  readonly tiles: pulumi.Output<string>;
  readonly monthlyCostUsd: number;
};

/**
 * Everything that cloud mode needs, in one project.
 * @param now when the rotation of secrets begins to count.
 */
export function makeControlPlane(
  settings: Settings,
  now: Date,
  options: pulumi.ComponentResourceOptions = {},
): ControlPlane {
  const parent = new pulumi.ComponentResource('vantio:infra:control-plane', 'vantio', {}, options);
  const cost = estimate(settings.profile);
  pulumi.log.info(printEstimate(settings.profileName, cost), parent);
  const apis = makeApis(settings, parent);
  const context: Context = {
    settings,
    projectNumber: projectNumber(settings, parent, apis),
    parent: afterApis(parent, apis),
  };

  const agents = makeServiceAgents(context);
  const key = makeDataKey(context, agents);
  const accounts = makeAccounts(context);
  const network = makeNetwork(context);
  const redis = makeRedis(context, network, key);
  const { secrets, versions } = makeSecrets(context, agents, redis, key, now);
  const database = makeLedger(context, accounts, key);
  const topics = makeTopics(context, accounts, key);
  const buckets = makeBuckets(context, key);
  const functions = makeFunctions(context, {
    accounts,
    database,
    topics,
    secrets,
    buckets,
    versions,
    network,
    key,
  });
  grantTiles(context, buckets, accounts);
  grantLogKeys(context, database, accounts);
  makeDelivery(context, topics, accounts, agents, functions.writer);
  makeSealDelivery(context, topics, accounts, functions.sealer);
  makeSealerSchedule(context, functions.sealer, accounts);
  makeQuotaSchedule(context, functions.quota, accounts);
  const address = makeFront(context, functions);
  makeCompliance(context, database, accounts, key);
  makeWatch(context, accounts);
  makeGkeAgent(context, key);
  return {
    address,
    endpoint: `https://${settings.domain}`,
    tiles: buckets.settled.name,
    monthlyCostUsd: Math.round(cost.total),
  };
}

const projectNumber = (
  { projectId }: Settings,
  parent: pulumi.Resource,
  apis: readonly gcp.projects.Service[],
): pulumi.Output<string> =>
  pulumi
    .all(apis.map(({ id }) => id))
    .apply(() => gcp.organizations.getProject({ projectId }, { parent }))
    .apply(({ number }) => number);

/** Nothing of a service can be made before the service is on: what stands under this waits for all of them. */
const afterApis = (
  parent: pulumi.Resource,
  apis: readonly gcp.projects.Service[],
): pulumi.ComponentResource =>
  new pulumi.ComponentResource(
    'vantio:infra:project',
    'vantio-project',
    {},
    {
      parent,
      dependsOn: [...apis],
    },
  );
