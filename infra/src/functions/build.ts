import * as gcp from '@pulumi/gcp';
import { type Context, LABELS, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import type { Accounts } from '../identity/accounts.ts';

/** What turns a bundle into a running function, and the account that does it instead of the project's default one. */
export type Build = {
  readonly sources: gcp.storage.Bucket;
  readonly images: gcp.artifactregistry.Repository;
  readonly account: gcp.serviceaccount.Account;
  readonly rights: readonly gcp.projects.IAMMember[];
};

export function makeBuild(context: Context, accounts: Accounts, key: DataKey): Build {
  const { projectId: project, region: location } = context.settings;
  const account = accounts.build;
  const sources = new gcp.storage.Bucket(
    'sources',
    {
      name: `${project}-vantio-sources`,
      project,
      location,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      versioning: { enabled: true },
      labels: LABELS,
      ...(key === undefined ? {} : { encryption: { defaultKmsKeyName: key } }),
    },
    under(context),
  );
  const images = new gcp.artifactregistry.Repository(
    'images',
    {
      repositoryId: 'vantio-functions',
      description: 'images of the functions, made by Cloud Build',
      format: 'DOCKER',
      location,
      project,
      labels: LABELS,
      ...(key === undefined ? {} : { kmsKeyName: key }),
    },
    under(context),
  );
  new gcp.storage.BucketIAMMember(
    'build-reads-sources',
    { bucket: sources.name, role: 'roles/storage.objectViewer', member: account.member },
    under(context),
  );
  new gcp.artifactregistry.RepositoryIamMember(
    'build-writes-images',
    {
      repository: images.name,
      location,
      project,
      role: 'roles/artifactregistry.writer',
      member: account.member,
    },
    under(context),
  );
  // A build's log can be granted no lower than the project.
  const logs = new gcp.projects.IAMMember(
    'build-writes-logs',
    { project, role: 'roles/logging.logWriter', member: account.member },
    under(context),
  );
  return { sources, images, account, rights: [logs] };
}
