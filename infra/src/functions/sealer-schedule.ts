import * as gcp from '@pulumi/gcp';
import { type Context, component, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { type CloudFunction, functionUrl } from './cloud-function.ts';

/** Wakes the sealer each minute, Cloud Scheduler's shortest step; a call that finds nothing to do costs little. */
export const makeSealerSchedule = (
  context: Context,
  sealer: CloudFunction,
  accounts: Accounts,
): void =>
  component(context, 'schedule', (inner) => {
    const { settings } = inner;
    new gcp.cloudscheduler.Job(
      'seal',
      {
        name: 'vantio-seal',
        description: 'wakes the sealer',
        schedule: '* * * * *',
        timeZone: 'Etc/UTC',
        region: settings.region,
        project: settings.projectId,
        attemptDeadline: '320s',
        retryConfig: { retryCount: 0 },
        httpTarget: {
          httpMethod: 'POST',
          uri: sealer.uri,
          oidcToken: {
            serviceAccountEmail: accounts.schedule.email,
            audience: functionUrl(settings, 'sealer'),
          },
        },
      },
      under(inner),
    );
  });
