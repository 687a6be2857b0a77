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

/** For `vantio dlq`: to take what lies there, and to hand it to the writer again, which holds it to ingest's signature. */
export function grantDeadLetters(
  context: Context,
  topics: Topics,
  letters: gcp.pubsub.Subscription,
): void {
  const { projectId: project, deadLetterOperators } = context.settings;
  for (const [index, member] of deadLetterOperators.entries()) {
    new gcp.pubsub.SubscriptionIAMMember(
      `dead-letter-operator-${index}-takes`,
      { subscription: letters.name, role: 'roles/pubsub.subscriber', member, project },
      under(context),
    );
    new gcp.pubsub.TopicIAMMember(
      `dead-letter-operator-${index}-publishes`,
      { topic: topics.ledger.name, role: 'roles/pubsub.publisher', member, project },
      under(context),
    );
  }
}
