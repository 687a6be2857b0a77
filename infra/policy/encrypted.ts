import type { Inputs } from '../src/testing/run-program.ts';
import type { Asked } from './rules.ts';

/** Where each type of resource that keeps data names its key. Log buckets are not here: see README, "What is not encrypted". */
const KEY_OF: Readonly<Record<string, (inputs: Inputs) => readonly unknown[]>> = {
  'gcp:spanner/database:Database': (inputs) => [inputs.encryptionConfig?.kmsKeyName],
  'gcp:pubsub/topic:Topic': (inputs) => [inputs.kmsKeyName],
  'gcp:storage/bucket:Bucket': (inputs) => [inputs.encryption?.defaultKmsKeyName],
  'gcp:redis/instance:Instance': (inputs) => [inputs.customerManagedKey],
  'gcp:artifactregistry/repository:Repository': (inputs) => [inputs.kmsKeyName],
  'gcp:bigquery/dataset:Dataset': (inputs) => [inputs.defaultEncryptionConfiguration?.kmsKeyName],
  'gcp:secretmanager/secret:Secret': (inputs) =>
    inputs.replication.userManaged?.replicas.map(
      (replica: Inputs) => replica.customerManagedEncryption?.kmsKeyName,
    ) ?? [undefined],
};

/** The keys that a resource's data is encrypted with, undefined for Google's own; none, if it keeps no data. */
export const keysOf = ({ type, inputs }: Asked): readonly unknown[] => KEY_OF[type]?.(inputs) ?? [];
