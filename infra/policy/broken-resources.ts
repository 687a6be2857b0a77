import type { Inputs } from '../src/testing/run-program.ts';
import type { Asked } from './rules.ts';

export const asked = (type: string, inputs: Inputs): Asked => ({ type: `gcp:${type}`, inputs });

export const OWN_KEY = 'projects/p/locations/europe-west1/keyRings/vantio/cryptoKeys/vantio-data';

const member = (inputs: Inputs, type = 'projects/iAMMember:IAMMember') => asked(type, inputs);
const database = (inputs: Inputs) => asked('spanner/databaseIAMMember:DatabaseIAMMember', inputs);
const bucket = (inputs: Inputs) => asked('storage/bucket:Bucket', inputs);
const fn = (name: string, serviceConfig: Inputs) =>
  asked('cloudfunctionsv2/function:Function', { name, serviceConfig });
const own = { serviceAccountEmail: 'vantio-writer@example-project.iam.gserviceaccount.com' };
const invoker = (name: string) => ({ name, member: 'allUsers', role: 'roles/run.invoker' });

/** What each rule must find, by the rule's code. */
export const BROKEN: Readonly<Record<string, readonly Asked[]>> = {
  public_member: [
    member({ member: 'allAuthenticatedUsers', role: 'roles/logging.logWriter' }),
    member(invoker('vantio-writer'), 'cloudrunv2/serviceIamMember:ServiceIamMember'),
    bucket({ accesses: [{ role: 'READER', members: ['allUsers'] }] }),
  ],
  primitive_role: [member({ member: 'user:a@example.com', role: 'roles/editor' })],
  wildcard: [
    member({ member: 'principalSet://iam/pool/*', role: 'roles/logging.logWriter' }),
    asked('projects/iAMCustomRole:IAMCustomRole', { permissions: ['spanner.databases.*'] }),
  ],
  project_role: [member({ member: 'user:a@example.com', role: 'roles/spanner.databaseUser' })],
  authoritative_iam: [
    asked('projects/iAMBinding:IAMBinding', {}),
    asked('storage/bucketIAMPolicy:BucketIAMPolicy', {}),
  ],
  spanner_role: [
    database({ role: 'roles/spanner.databaseUser' }),
    database({ role: 'roles/spanner.databaseRoleUser' }),
    database({ role: 'roles/spanner.databaseRoleUser', condition: { expression: 'true' } }),
  ],
  account_key: [asked('serviceaccount/key:Key', {})],
  open_bucket: [
    bucket({ uniformBucketLevelAccess: true, publicAccessPrevention: 'inherited' }),
    bucket({ publicAccessPrevention: 'enforced' }),
  ],
  open_function: [fn('vantio-writer', { ...own, ingressSettings: 'ALLOW_ALL' })],
  default_account: [fn('vantio-writer', { serviceAccountEmail: '123-compute@developer' })],
  not_encrypted: [
    asked('pubsub/topic:Topic', {}),
    asked('pubsub/topic:Topic', { kmsKeyName: `${OWN_KEY}-other` }),
    asked('secretmanager/secret:Secret', {
      replication: {
        userManaged: {
          replicas: [
            { location: 'a', customerManagedEncryption: { kmsKeyName: OWN_KEY } },
            { location: 'b' },
          ],
        },
      },
    }),
  ],
};
