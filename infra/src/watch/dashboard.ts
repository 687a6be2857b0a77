import * as gcp from '@pulumi/gcp';
import { type Context, under } from '../context.ts';
import { ALERTS, type Threshold } from './alert.ts';

/** One chart for each thing that somebody is woken for, with the line at which it happens. */
export function makeDashboard(context: Context): void {
  const charts = ALERTS.flatMap(({ title, when }) =>
    when.kind === 'threshold' ? [{ title, xyChart: chartOf(when) }] : [],
  );
  new gcp.monitoring.Dashboard(
    'dashboard',
    {
      project: context.settings.projectId,
      dashboardJson: JSON.stringify({
        displayName: 'Vantio',
        gridLayout: { columns: '2', widgets: charts },
      }),
    },
    under(context),
  );
}

const chartOf = ({ filter, aligner, reducer, above }: Threshold) => ({
  dataSets: [
    {
      plotType: 'LINE',
      timeSeriesQuery: {
        timeSeriesFilter: {
          filter,
          aggregation: {
            alignmentPeriod: '60s',
            perSeriesAligner: aligner,
            ...(reducer === undefined ? {} : { crossSeriesReducer: reducer }),
          },
        },
      },
    },
  ],
  thresholds: [{ value: above }],
});
