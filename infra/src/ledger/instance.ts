import * as gcp from '@pulumi/gcp';
import { type Context, LABELS, under } from '../context.ts';
import { whileKept } from './protection.ts';

export function makeInstance(context: Context): gcp.spanner.Instance {
  const { settings } = context;
  const { edition, capacity } = settings.profile.spanner;
  return new gcp.spanner.Instance(
    'instance',
    {
      name: 'vantio',
      displayName: `Vantio ledger (${settings.profileName})`,
      config: `regional-${settings.region}`,
      project: settings.projectId,
      edition,
      defaultBackupScheduleType: 'AUTOMATIC',
      // Deleting an instance deletes its backups only if this was said first.
      forceDestroy: settings.ledger !== 'kept',
      labels: LABELS,
      ...(capacity.kind === 'fixed'
        ? { processingUnits: capacity.processingUnits }
        : {
            autoscalingConfig: {
              autoscalingLimits: {
                minProcessingUnits: capacity.minimum,
                maxProcessingUnits: capacity.maximum,
              },
              autoscalingTargets: {
                highPriorityCpuUtilizationPercent: 65,
                storageUtilizationPercent: 80,
              },
            },
          }),
    },
    under(context, whileKept(settings)),
  );
}
