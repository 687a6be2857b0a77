import * as gcp from '@pulumi/gcp';
import { type Context, LABELS, under } from '../context.ts';
import type { Alert, LogMatch, Threshold } from './alert.ts';

export function makeAlertPolicy(
  context: Context,
  alert: Alert,
  channel: gcp.monitoring.NotificationChannel,
): void {
  const { projectId: project, profile, runbookBase } = context.settings;
  const page = `infra/runbooks/${alert.name}.md`;
  new gcp.monitoring.AlertPolicy(
    `alert-${alert.name}`,
    {
      project,
      displayName: alert.title,
      combiner: 'OR',
      severity: profile.alertSeverity,
      conditions: [{ displayName: alert.title.slice(0, 63), ...conditionOf(alert.when) }],
      notificationChannels: [channel.id],
      documentation: {
        mimeType: 'text/markdown',
        subject: `Vantio: ${alert.title}`,
        content: `Runbook: ${page}`,
        ...(runbookBase === ''
          ? {}
          : { links: [{ displayName: 'Runbook', url: `${runbookBase}/${page}` }] }),
      },
      alertStrategy: {
        autoClose: '86400s',
        ...(alert.when.kind === 'log' ? { notificationRateLimit: { period: '300s' } } : {}),
      },
      userLabels: LABELS,
    },
    under(context),
  );
}

const conditionOf = (when: Threshold | LogMatch) =>
  when.kind === 'log'
    ? { conditionMatchedLog: { filter: when.filter } }
    : {
        conditionThreshold: {
          filter: when.filter,
          comparison: 'COMPARISON_GT',
          thresholdValue: when.above,
          duration: `${when.seconds}s`,
          aggregations: [
            {
              alignmentPeriod: '60s',
              perSeriesAligner: when.aligner,
              ...(when.reducer === undefined ? {} : { crossSeriesReducer: when.reducer }),
            },
          ],
        },
      };
