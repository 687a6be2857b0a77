import * as gcp from '@pulumi/gcp';
import { type Context, component, LABELS, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { ALERTS } from './alert.ts';
import { makeAlertPolicy } from './alert-policy.ts';
import { makeAuditLogs } from './audit-logs.ts';
import { makeBudget } from './budget.ts';
import { makeDashboard } from './dashboard.ts';
import { makeLogSinks } from './log-sinks.ts';

/** What is kept of what happened, and who is told. */
export const makeWatch = (context: Context, accounts: Accounts): void =>
  component(context, 'watch', (inner) => {
    const channel = new gcp.monitoring.NotificationChannel(
      'operators',
      {
        displayName: 'Vantio operators',
        type: 'email',
        labels: { email_address: inner.settings.alertEmail },
        project: inner.settings.projectId,
        userLabels: LABELS,
      },
      under(inner),
    );
    makeAuditLogs(inner, accounts);
    makeLogSinks(inner);
    for (const alert of ALERTS) makeAlertPolicy(inner, alert, channel);
    makeDashboard(inner);
    makeBudget(inner, channel);
  });
