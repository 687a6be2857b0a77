import * as gcp from '@pulumi/gcp';
import { type Context, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';

/**
 * Which reads are written down. Who read the ledger is asked in an access review; what the sealer reads is everything,
 * each minute, and says nothing. Inserts are not logged: they are the ledger.
 */
export function makeAuditLogs(context: Context, accounts: Accounts): void {
  const project = context.settings.projectId;
  new gcp.projects.IAMAuditConfig(
    'audit-spanner',
    {
      project,
      service: 'spanner.googleapis.com',
      auditLogConfigs: [
        { logType: 'ADMIN_READ' },
        { logType: 'DATA_READ', exemptedMembers: [accounts.sealer.member] },
      ],
    },
    under(context),
  );
  for (const service of ['secretmanager', 'cloudkms', 'iam'])
    new gcp.projects.IAMAuditConfig(
      `audit-${service}`,
      {
        project,
        service: `${service}.googleapis.com`,
        auditLogConfigs: [{ logType: 'ADMIN_READ' }, { logType: 'DATA_READ' }],
      },
      under(context),
    );
}
