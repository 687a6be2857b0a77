import * as gcp from '@pulumi/gcp';
import { type Context, LABELS, under } from '../context.ts';
import type { Topics } from './topics.ts';

/** Where dead letters wait for a person. Without a subscription of its own a topic keeps nothing for anybody. */
export const makeDeadLetterSubscription = (
  context: Context,
  topics: Topics,
): gcp.pubsub.Subscription =>
  new gcp.pubsub.Subscription(
    'dead-letters',
    {
      name: 'vantio-dead-letter',
      topic: topics.deadLetter.id,
      project: context.settings.projectId,
      ackDeadlineSeconds: 600,
      messageRetentionDuration: '2678400s',
      expirationPolicy: { ttl: '' },
      labels: LABELS,
    },
    under(context),
  );
