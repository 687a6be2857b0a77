import * as gcp from '@pulumi/gcp';
import { type Context, component, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { type CloudFunction, functionUrl } from './cloud-function.ts';

/**
 * Has the counts of free tenants held against the ledger. Each is asked about once a day; every ten minutes, so that what an
 * emptied Redis forgot is known again soon.
 */
export const makeQuotaSchedule = (
  context: Context,
  quota: CloudFunction,
  accounts: Accounts,
): void =>
  component(context, 'quota-schedule', (inner) => {
    const { settings } = inner;
    new gcp.cloudscheduler.Job(
      'quota',
      {
        name: 'vantio-quota',
        description: 'has the counts of free tenants held against the ledger',
        schedule: '*/10 * * * *',
        timeZone: 'Etc/UTC',
        region: settings.region,
        project: settings.projectId,
        attemptDeadline: '320s',
        retryConfig: { retryCount: 0 },
        httpTarget: {
          httpMethod: 'POST',
          uri: quota.uri,
          oidcToken: {
            serviceAccountEmail: accounts.schedule.email,
            audience: functionUrl(settings, 'quota'),
          },
        },
      },
      under(inner),
    );
  });
