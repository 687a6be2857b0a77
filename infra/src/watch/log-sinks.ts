import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Context, under } from '../context.ts';
import { FUNCTION_NAMES } from '../functions/catalog.ts';

type Kept = {
  readonly name: string;
  readonly description: string;
  readonly days: number;
  readonly locked: boolean;
  readonly filter: string;
};

const SERVICES = FUNCTION_NAMES.map((name) => `"vantio-${name}"`).join(' OR ');

const keptOf = ({ settings }: Context): readonly Kept[] => [
  {
    name: 'audit',
    description: 'who administered the project, and who read ledger and secrets',
    days: settings.profile.auditRetentionDays,
    locked: settings.profile.lockRetention,
    filter:
      'log_id("cloudaudit.googleapis.com/activity") OR log_id("cloudaudit.googleapis.com/data_access") OR log_id("cloudaudit.googleapis.com/policy")',
  },
  {
    name: 'functions',
    description: 'what the functions and the load balancer said',
    days: settings.profile.logRetentionDays,
    locked: false,
    filter: `(resource.type="cloud_run_revision" AND resource.labels.service_name=(${SERVICES})) OR resource.type="http_load_balancer" OR resource.type="cloud_scheduler_job"`,
  },
];

/** Log buckets in the ledger's region, with a retention of their own, and the sinks that fill them. */
export function makeLogSinks(context: Context): void {
  const { projectId: project, region: location } = context.settings;
  for (const { name, description, days, locked, filter } of keptOf(context)) {
    const bucket = new gcp.logging.ProjectBucketConfig(
      `logs-${name}`,
      {
        project,
        location,
        bucketId: `vantio-${name}`,
        description,
        retentionDays: days,
        locked,
      },
      under(context, { retainOnDelete: locked }),
    );
    new gcp.logging.ProjectSink(
      `sink-${name}`,
      {
        name: `vantio-${name}`,
        project,
        description,
        destination: pulumi.interpolate`logging.googleapis.com/${bucket.id}`,
        filter,
        uniqueWriterIdentity: true,
      },
      under(context),
    );
  }
}
