import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../settings/settings.ts';

const APIS = [
  'artifactregistry',
  'bigquery',
  'bigqueryconnection',
  'bigquerydatatransfer',
  'billingbudgets',
  'cloudbuild',
  'cloudfunctions',
  'cloudkms',
  'cloudresourcemanager',
  'cloudscheduler',
  'compute',
  'dns',
  'iam',
  'iamcredentials',
  'logging',
  'monitoring',
  'pubsub',
  'redis',
  'run',
  'secretmanager',
  'servicenetworking',
  'spanner',
  'storage',
] as const;

/** The services of Google Cloud that an empty project has yet to switch on. They stay on: others may use them by then. */
export function makeApis(
  { projectId: project }: Settings,
  above: pulumi.Resource,
): readonly gcp.projects.Service[] {
  const parent = new pulumi.ComponentResource(
    'vantio:infra:apis',
    'vantio-apis',
    {},
    { parent: above },
  );
  return APIS.map(
    (name) =>
      new gcp.projects.Service(
        `api-${name}`,
        { service: `${name}.googleapis.com`, project, disableOnDestroy: false },
        { parent },
      ),
  );
}
