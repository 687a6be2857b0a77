import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Context, under } from '../context.ts';
import { estimate } from '../cost/estimate.ts';

/** Says when the bill runs away. It stops nothing: a ledger that switches itself off loses events. */
export function makeBudget(context: Context, channel: gcp.monitoring.NotificationChannel): void {
  const { billingAccount, monthlyBudget, profile } = context.settings;
  if (billingAccount === '') return;
  const units = monthlyBudget || Math.ceil(estimate(profile).total * 1.5);
  new gcp.billing.Budget(
    'budget',
    {
      billingAccount,
      displayName: `Vantio ${context.settings.projectId}`,
      amount: { specifiedAmount: { currencyCode: 'USD', units: String(units) } },
      budgetFilter: { projects: [pulumi.interpolate`projects/${context.projectNumber}`] },
      thresholdRules: [
        { thresholdPercent: 0.5 },
        { thresholdPercent: 0.9 },
        { thresholdPercent: 1 },
        { thresholdPercent: 1, spendBasis: 'FORECASTED_SPEND' },
      ],
      allUpdatesRule: { monitoringNotificationChannels: [channel.id] },
    },
    under(context),
  );
}
