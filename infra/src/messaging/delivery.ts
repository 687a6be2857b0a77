import * as gcp from '@pulumi/gcp';
import { type Context, component, LABELS, under } from '../context.ts';
import { type CloudFunction, functionUrl } from '../functions/cloud-function.ts';
import type { Accounts } from '../identity/accounts.ts';
import type { ServiceAgents } from '../project/service-agents.ts';
import { grantDeadLetters, makeDeadLetterSubscription } from './dead-letter.ts';
import type { Topics } from './topics.ts';

/** Pushes the ledger's topic to the writer, and sets aside what it refused a hundred times. */
export const makeDelivery = (
  context: Context,
  topics: Topics,
  accounts: Accounts,
  agents: ServiceAgents,
  writer: CloudFunction,
): void =>
  component(context, 'delivery', (inner) => {
    const project = inner.settings.projectId;
    const push = new gcp.pubsub.Subscription(
      'writer-push',
      {
        name: 'vantio-ledger-writer',
        topic: topics.ledger.id,
        project,
        // Longer than the writer's own time limit: a message is not handed out twice while one is at work on it.
        ackDeadlineSeconds: 120,
        messageRetentionDuration: '604800s',
        expirationPolicy: { ttl: '' },
        retryPolicy: { minimumBackoff: '10s', maximumBackoff: '600s' },
        pushConfig: {
          pushEndpoint: writer.uri,
          oidcToken: {
            serviceAccountEmail: accounts.push.email,
            audience: functionUrl(inner.settings, 'writer'),
          },
        },
        deadLetterPolicy: { deadLetterTopic: topics.deadLetter.id, maxDeliveryAttempts: 100 },
        labels: LABELS,
      },
      under(inner),
    );
    grantDeadLetters(inner, topics, makeDeadLetterSubscription(inner, topics));
    // Dead-lettering is done by Pub/Sub's own account: it publishes there and acknowledges here.
    new gcp.pubsub.TopicIAMMember(
      'pubsub-publishes-dead-letters',
      {
        topic: topics.deadLetter.name,
        role: 'roles/pubsub.publisher',
        member: agents.pubsub,
        project,
      },
      under(inner),
    );
    new gcp.pubsub.SubscriptionIAMMember(
      'pubsub-acknowledges',
      {
        subscription: push.name,
        role: 'roles/pubsub.subscriber',
        member: agents.pubsub,
        project,
      },
      under(inner),
    );
  });
