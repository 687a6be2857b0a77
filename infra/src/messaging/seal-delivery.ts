import * as gcp from '@pulumi/gcp';
import { type Context, component, LABELS, under } from '../context.ts';
import { FUNCTIONS } from '../functions/catalog.ts';
import { type CloudFunction, functionUrl } from '../functions/cloud-function.ts';
import type { Accounts } from '../identity/accounts.ts';
import type { Topics } from './topics.ts';

/**
 * Brings the lists of tenants that the sealer handed out back to it, one a request. A list that is lost, or that failed for ten
 * minutes, is no loss: its tenants are found again at the next minute.
 */
export const makeSealDelivery = (
  context: Context,
  topics: Topics,
  accounts: Accounts,
  sealer: CloudFunction,
): void =>
  component(context, 'seal-delivery', (inner) => {
    new gcp.pubsub.Subscription(
      'sealer-push',
      {
        name: 'vantio-seal',
        topic: topics.seal.id,
        project: inner.settings.projectId,
        ackDeadlineSeconds: FUNCTIONS.sealer.timeoutSeconds + 60,
        messageRetentionDuration: '600s',
        expirationPolicy: { ttl: '' },
        retryPolicy: { minimumBackoff: '10s', maximumBackoff: '120s' },
        pushConfig: {
          pushEndpoint: sealer.uri,
          oidcToken: {
            serviceAccountEmail: accounts.push.email,
            audience: functionUrl(inner.settings, 'sealer'),
          },
        },
        labels: LABELS,
      },
      under(inner),
    );
  });
