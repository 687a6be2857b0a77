import * as gcp from '@pulumi/gcp';
import { type Context, LABELS, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import type { ServiceAgents } from '../project/service-agents.ts';

export const ROTATION_DAYS = 90;
const DAY = 86_400;

export type Rotation = {
  readonly topic: gcp.pubsub.Topic;
  /** Secret Manager tries the topic when a secret is made with it: this right must stand first. */
  readonly grant: gcp.pubsub.TopicIAMMember;
};

/** Secret Manager rotates nothing itself: it says here that a secret is due, and an alert tells a person. */
export function makeRotationTopic(context: Context, agents: ServiceAgents, key: DataKey): Rotation {
  const project = context.settings.projectId;
  const topic = new gcp.pubsub.Topic(
    'rotation-topic',
    {
      name: 'vantio-secret-rotation',
      project,
      labels: LABELS,
      messageStoragePolicy: { allowedPersistenceRegions: [context.settings.region] },
      ...(key === undefined ? {} : { kmsKeyName: key }),
    },
    under(context),
  );
  new gcp.pubsub.Subscription(
    'rotation-due',
    {
      name: 'vantio-secret-rotation',
      topic: topic.id,
      project,
      messageRetentionDuration: '2678400s',
      expirationPolicy: { ttl: '' },
      labels: LABELS,
    },
    under(context),
  );
  const grant = new gcp.pubsub.TopicIAMMember(
    'secretmanager-publishes',
    {
      topic: topic.name,
      role: 'roles/pubsub.publisher',
      member: agents.secretmanager,
      project,
    },
    under(context),
  );
  return { topic, grant };
}

/** First due one period after the secret is made; from then on Secret Manager moves it. */
export const rotationFrom = (now: Date) => ({
  rotationPeriod: `${ROTATION_DAYS * DAY}s`,
  nextRotationTime: new Date(now.getTime() + ROTATION_DAYS * DAY * 1000).toISOString(),
});
