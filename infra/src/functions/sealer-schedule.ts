import * as gcp from '@pulumi/gcp';
import { type Context, component, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { type CloudFunction, functionUrl } from './cloud-function.ts';

/** functions/src/cloud/create-sealer.ts says the same, in its answer. */
const SEALER_BUILT = false;

/**
 * Wakes the sealer each minute, Cloud Scheduler's shortest step; a call that finds nothing to do costs little. Paused as
 * long as the sealer answers that it is not built: each call would be an alert.
 */
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
        paused: !SEALER_BUILT,
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
