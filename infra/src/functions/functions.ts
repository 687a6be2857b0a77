import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { type Context, component, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import type { Accounts } from '../identity/accounts.ts';
import { grantDatabaseRole } from '../ledger/roles.ts';
import type { Topics } from '../messaging/topics.ts';
import type { Network } from '../network/network.ts';
import type { RedisVersions, SecretName, Secrets } from '../secrets/secrets.ts';
import type { Settings } from '../settings/settings.ts';
import type { Buckets } from '../tiles/buckets.ts';
import { makeBuild } from './build.ts';
import { FUNCTION_NAMES, FUNCTIONS, type FunctionName } from './catalog.ts';
import { type CloudFunction, makeFunction } from './cloud-function.ts';
import { environmentOf } from './environment.ts';
import { grantInvokers } from './invokers.ts';
import { redisMount } from './redis-mount.ts';

export type FunctionsParts = {
  readonly accounts: Accounts;
  readonly database: gcp.spanner.Database;
  readonly topics: Topics;
  readonly secrets: Secrets;
  readonly buckets: Buckets;
  readonly versions: RedisVersions;
  readonly network: Network;
  readonly key: DataKey;
};

export type Functions = Readonly<Record<FunctionName, CloudFunction>>;

/** All functions, each with its own account, and what each account may. */
export const makeFunctions = (context: Context, parts: FunctionsParts): Functions =>
  component(context, 'functions', (inner) => {
    const { accounts, database, secrets, versions, network } = parts;
    const build = makeBuild(inner, accounts, parts.key);
    const made = FUNCTION_NAMES.map((name) => {
      const { databaseRole, usesRedis } = FUNCTIONS[name];
      const { member } = accounts[name];
      if (databaseRole !== undefined)
        grantDatabaseRole(inner, name, database, member, databaseRole);
      const rights = secretsOf(name, inner.settings).map((secret) =>
        grantSecret(inner, `${name}-${secret}`, secrets[secret], member, 'secretAccessor'),
      );
      for (const secret of FUNCTIONS[name].writes ?? [])
        grantSecret(
          inner,
          `${name}-writes-${secret}`,
          secrets[secret],
          member,
          'secretVersionAdder',
        );
      const fn = makeFunction(inner, name, {
        account: accounts[name],
        build,
        network,
        environment: environmentOf(name, inner.settings, parts),
        redis: usesRedis ? redisMount(inner, secrets, versions) : undefined,
        rights,
      });
      return [name, fn];
    });
    const functions = Object.fromEntries(made) as Functions;
    grantInvokers(inner, functions, accounts);
    return functions;
  });

const secretsOf = (name: FunctionName, { nextLogKey }: Settings): readonly SecretName[] => [
  ...FUNCTIONS[name].secrets,
  ...(name === 'sealer' && nextLogKey === 'secret' ? (['next-log-key'] as const) : []),
  ...(FUNCTIONS[name].usesRedis ? (['redis-url', 'redis-ca'] as const) : []),
];

const grantSecret = (
  context: Context,
  name: string,
  secret: gcp.secretmanager.Secret,
  member: pulumi.Input<string>,
  role: 'secretAccessor' | 'secretVersionAdder',
): pulumi.Resource =>
  new gcp.secretmanager.SecretIamMember(
    name,
    { secretId: secret.id, role: `roles/secretmanager.${role}`, member },
    under(context),
  );
