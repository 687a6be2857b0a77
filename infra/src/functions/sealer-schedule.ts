import * as gcp from '@pulumi/gcp';
import { type Context, component, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { type CloudFunction, functionUrl } from './cloud-function.ts';

const ORDERS = [
  // Each minute, Cloud Scheduler's shortest step; a call that finds nothing to do costs one query.
  {
    job: 'seal',
    sweep: 'newest',
    schedule: '* * * * *',
    description: 'seals the tenants that are due',
  },
  {
    job: 'sweep',
    sweep: 'all',
    schedule: '20 2 * * *',
    description: 'looks for rows that were passed over, and copies every log into the buckets',
  },
] as const;

/** Has the sealer find what is due, and once a day go through everything. */
export const makeSealerSchedule = (
  context: Context,
  sealer: CloudFunction,
  accounts: Accounts,
): void =>
  component(context, 'schedule', (inner) => {
    const { settings } = inner;
    for (const { job, sweep, schedule, description } of ORDERS)
      new gcp.cloudscheduler.Job(
        job,
        {
          name: `vantio-${job}`,
          description,
          schedule,
          timeZone: 'Etc/UTC',
          region: settings.region,
          project: settings.projectId,
          attemptDeadline: '320s',
          retryConfig: { retryCount: 0 },
          httpTarget: {
            httpMethod: 'POST',
            uri: sealer.uri,
            headers: { 'Content-Type': 'application/json' },
            body: Buffer.from(JSON.stringify({ sweep })).toString('base64'),
            oidcToken: {
              serviceAccountEmail: accounts.schedule.email,
              audience: functionUrl(settings, 'sealer'),
            },
          },
        },
        under(inner),
      );
  });
