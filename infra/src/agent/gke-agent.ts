import * as gcp from '@pulumi/gcp';
import { type Context, component, LABELS, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';

/**
 * Off unless `vantio:gkeAgent` names a Kubernetes service account. Gives that one account, through Workload Identity, a
 * Google account that may read one secret: the API key under which the agent of its namespace reports.
 */
export const makeGkeAgent = (context: Context, key: DataKey): void => {
  const { gkeAgent, projectId: project, region } = context.settings;
  if (gkeAgent === '') return;
  component(context, 'gke-agent', (inner) => {
    const account = new gcp.serviceaccount.Account(
      'account-agent',
      {
        accountId: 'vantio-agent',
        displayName: 'Vantio agent',
        description: `the agent in GKE, ${gkeAgent}`,
        project,
      },
      under(inner),
    );
    new gcp.serviceaccount.IAMMember(
      'agent-workload-identity',
      {
        serviceAccountId: account.name,
        role: 'roles/iam.workloadIdentityUser',
        member: `serviceAccount:${project}.svc.id.goog[${gkeAgent}]`,
      },
      under(inner),
    );
    const encryption = key === undefined ? {} : { customerManagedEncryption: { kmsKeyName: key } };
    const secret = new gcp.secretmanager.Secret(
      'secret-agent-key',
      {
        secretId: 'vantio-agent-key',
        project,
        labels: LABELS,
        replication: { userManaged: { replicas: [{ location: region, ...encryption }] } },
      },
      under(inner),
    );
    new gcp.secretmanager.SecretIamMember(
      'agent-reads-its-key',
      {
        secretId: secret.id,
        role: 'roles/secretmanager.secretAccessor',
        member: account.member,
      },
      under(inner),
    );
  });
};
