import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { type Context, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { FUNCTION_NAMES, FUNCTIONS, type FunctionName } from './catalog.ts';
import type { CloudFunction } from './cloud-function.ts';

/**
 * Who may call what. The endpoints are open because API keys, not Google accounts, are what agents have; their
 * ingress still admits nobody but the load balancer.
 */
export function grantInvokers(
  context: Context,
  functions: Readonly<Record<FunctionName, CloudFunction>>,
  accounts: Accounts,
): void {
  const callers: Readonly<Record<FunctionName, readonly pulumi.Input<string>[]>> = {
    config: [],
    ingest: [],
    writer: [accounts.push.member],
    sealer: [accounts.schedule.member, accounts.push.member],
    log: [],
    quota: [accounts.schedule.member],
    keymaker: context.settings.keymakerOperators,
  };
  for (const name of FUNCTION_NAMES) {
    const members = FUNCTIONS[name].reach === 'public' ? ['allUsers'] : callers[name];
    for (const [index, member] of members.entries())
      new gcp.cloudrunv2.ServiceIamMember(
        `${name}-invoker-${index}`,
        {
          name: functions[name].name,
          location: context.settings.region,
          project: context.settings.projectId,
          role: 'roles/run.invoker',
          member,
        },
        under(context),
      );
  }
}
