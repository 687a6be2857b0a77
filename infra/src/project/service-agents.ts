import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { type Context, component, under } from '../context.ts';

/** Google's own accounts, by the service that acts through them, as IAM members. */
export type ServiceAgents = Readonly<
  Record<
    'pubsub' | 'secretmanager' | 'spanner' | 'redis' | 'artifactregistry' | 'storage' | 'bigquery',
    pulumi.Output<string>
  >
>;

/**
 * In an empty project these accounts come into being on first use, too late for a grant; this makes them exist. Storage
 * and BigQuery have accessors of their own for it.
 */
export const makeServiceAgents = (context: Context): ServiceAgents =>
  component(context, 'service-agents', (inner) => {
    const agent = (service: string): pulumi.Output<string> =>
      new gcp.projects.ServiceIdentity(
        `agent-${service}`,
        { service: `${service}.googleapis.com`, project: inner.settings.projectId },
        under(inner),
      ).member;
    const options = { parent: inner.parent };
    const project = inner.settings.projectId;
    const ready = inner.projectNumber;
    return {
      pubsub: agent('pubsub'),
      secretmanager: agent('secretmanager'),
      spanner: agent('spanner'),
      redis: agent('redis'),
      artifactregistry: agent('artifactregistry'),
      storage: ready
        .apply(() => gcp.storage.getProjectServiceAccount({ project }, options))
        .apply(({ member }) => member),
      bigquery: ready
        .apply(() => gcp.bigquery.getDefaultServiceAccount({ project }, options))
        .apply(({ member }) => member),
    };
  });
