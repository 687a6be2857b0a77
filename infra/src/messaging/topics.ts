import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Context, component, LABELS, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import type { Accounts } from '../identity/accounts.ts';
import { SEALED_BATCH_SCHEMA } from './sealed-batch-schema.ts';

export type Topics = {
  readonly ledger: gcp.pubsub.Topic;
  readonly deadLetter: gcp.pubsub.Topic;
  /** Lists of tenants that are due to be sealed. */
  readonly seal: gcp.pubsub.Topic;
};

const SEVEN_DAYS = '604800s';
const THIRTY_ONE_DAYS = '2678400s';

/** The way from ingest to the writer, and the place for what the writer will never take. */
export const makeTopics = (context: Context, accounts: Accounts, key: DataKey): Topics =>
  component(context, 'topics', (inner) => {
    const { projectId: project, region } = inner.settings;
    const schema = new gcp.pubsub.Schema(
      'sealed-batch',
      { name: 'vantio-sealed-batch', type: 'AVRO', definition: SEALED_BATCH_SCHEMA, project },
      under(inner),
    );
    const common = {
      project,
      labels: LABELS,
      messageStoragePolicy: { allowedPersistenceRegions: [region] },
      ...(key === undefined ? {} : { kmsKeyName: key }),
    };
    const ledger = new gcp.pubsub.Topic(
      'ledger-topic',
      {
        ...common,
        name: 'vantio-ledger',
        // Kept after delivery too, so that the ledger can be written again from here after a disaster.
        messageRetentionDuration: SEVEN_DAYS,
        schemaSettings: {
          schema: pulumi.interpolate`projects/${project}/schemas/${schema.name}`,
          encoding: 'JSON',
        },
      },
      under(inner),
    );
    const deadLetter = new gcp.pubsub.Topic(
      'dead-letter-topic',
      { ...common, name: 'vantio-dead-letter', messageRetentionDuration: THIRTY_ONE_DAYS },
      under(inner),
    );
    const publisher = (name: string, topic: gcp.pubsub.Topic, member: pulumi.Input<string>) =>
      new gcp.pubsub.TopicIAMMember(
        name,
        { topic: topic.name, role: 'roles/pubsub.publisher', member, project },
        under(inner),
      );
    publisher('ingest-publishes', ledger, accounts.ingest.member);
    publisher('config-publishes', ledger, accounts.config.member);
    const seal = new gcp.pubsub.Topic(
      'seal-topic',
      { ...common, name: 'vantio-seal' },
      under(inner),
    );
    publisher('writer-publishes', deadLetter, accounts.writer.member);
    publisher('sealer-publishes', seal, accounts.sealer.member);
    return { ledger, deadLetter, seal };
  });
