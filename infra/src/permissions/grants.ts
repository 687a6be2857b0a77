import { InfraError } from '../infra-error.ts';
import type { Inputs, Made } from '../testing/run-program.ts';

/** Who may do what on what, as the program grants it. */
export type Grant = {
  readonly who: string;
  readonly role: string;
  readonly on: string;
  readonly onlyIf: string;
};

/** Of each type that grants: what the right is on. */
const ON: Readonly<Record<string, (inputs: Inputs) => string>> = {
  'gcp:artifactregistry/repositoryIamMember:RepositoryIamMember': (i) => `images ${i.repository}`,
  'gcp:bigquery/connectionIamMember:ConnectionIamMember': (i) => `connection ${i.connectionId}`,
  'gcp:bigquery/datasetIamMember:DatasetIamMember': (i) => `dataset ${i.datasetId}`,
  'gcp:cloudrunv2/serviceIamMember:ServiceIamMember': (i) => `function ${i.name}`,
  'gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember': (i) => `key ${last(i.cryptoKeyId)}`,
  'gcp:projects/iAMMember:IAMMember': () => 'the project',
  'gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember': (i) => `subscription ${i.subscription}`,
  'gcp:pubsub/topicIAMMember:TopicIAMMember': (i) => `topic ${i.topic}`,
  'gcp:secretmanager/secretIamMember:SecretIamMember': (i) => `secret ${last(i.secretId)}`,
  'gcp:serviceaccount/iAMMember:IAMMember': (i) =>
    `account ${last(i.serviceAccountId).split('@')[0]}`,
  'gcp:spanner/databaseIAMMember:DatabaseIAMMember': (i) => `database ${i.database}`,
  'gcp:storage/bucketIAMMember:BucketIAMMember': (i) => `bucket ${i.bucket}`,
};

const last = (path: string): string => path.split('/').at(-1) ?? path;

export const grantsOf = (made: readonly Made[]): readonly Grant[] =>
  made
    .flatMap(({ type, inputs }) => {
      const on = ON[type]?.(inputs);
      if (on !== undefined)
        return [
          {
            who: inputs.member,
            role: last(inputs.role),
            on,
            onlyIf: inputs.condition ? `database role ${inputs.condition.title}` : '',
          },
        ];
      if (type === 'gcp:bigquery/datasetAccess:DatasetAccess') return [viewsMay(inputs)];
      if (/I(AM|am)/.test(type.split(':')[2] ?? '') && !/AuditConfig|CustomRole/.test(type))
        throw new InfraError(
          'bad_setting',
          `${type} grants, and permissions/grants.ts knows nothing of it`,
        );
      return [];
    })
    .sort((a, b) => key(a).localeCompare(key(b), 'en'));

const key = ({ who, on, role, onlyIf }: Grant): string => [who, on, role, onlyIf].join('\n');

const viewsMay = ({ datasetId, authorizedDataset }: Inputs): Grant => ({
  who: `views of ${authorizedDataset.dataset.datasetId}`,
  role: 'authorized views',
  on: `dataset ${datasetId}`,
  onlyIf: '',
});
