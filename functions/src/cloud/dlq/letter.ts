import { type BatchClaims, batchClaims } from '@vantio/schema/wire/sealed-batch';
import type { PulledMessage } from './open-subscriber.ts';

/** A dead letter without its content. */
export type Letter = {
  /** Its id in the dead-letter topic. */
  readonly messageId: string;
  /** Its id in the ledger's topic, where the writer said it. */
  readonly sourceMessageId?: string;
  /** The writer's own word, or one of `UNREASONED`. */
  readonly reason: string;
  /** How often Pub/Sub delivered it before it gave up. */
  readonly deliveries?: number;
  /** Since when it lies there; milliseconds since 1970, by Pub/Sub's clock. */
  readonly deadSince: number;
  readonly bytes: number;
  /** What it says of itself; absent when it is not of ingest's form. */
  readonly claims?: BatchClaims;
};

/** Letters that come without a reason: set aside by Pub/Sub itself after its last attempt, and neither that nor the writer's. */
export const UNREASONED = { attempts: 'attempts_exhausted', unstated: 'unstated' } as const;

const REASON = /^[a-z0-9_.-]{1,64}$/;
const MESSAGE_ID = /^[A-Za-z0-9._:/@+-]{1,128}$/;

/** Attributes and data are whoever's could publish: what is not of its form counts as absent. */
export function letterOf({ messageId, data, attributes, publishedAt }: PulledMessage): Letter {
  const { reason, source_message_id: source } = attributes;
  const deliveries = Number(attributes.CloudPubSubDeadLetterSourceDeliveryCount);
  const claims = batchClaims(data.toString('utf8'));
  return {
    messageId,
    reason:
      reason !== undefined && REASON.test(reason)
        ? reason
        : attributes.CloudPubSubDeadLetterSourceSubscription === undefined
          ? UNREASONED.unstated
          : UNREASONED.attempts,
    deadSince: publishedAt,
    bytes: data.length,
    ...(source !== undefined && MESSAGE_ID.test(source) ? { sourceMessageId: source } : {}),
    ...(Number.isSafeInteger(deliveries) && deliveries > 0 ? { deliveries } : {}),
    ...(claims === undefined ? {} : { claims }),
  };
}

/** Which letters are meant; what is absent does not matter. */
export type LetterFilter = {
  readonly reason?: string;
  readonly tenantId?: string;
  /** Ids in the dead-letter topic. */
  readonly messageIds?: ReadonlySet<string>;
};

export const matches = (
  { reason, messageId, claims }: Letter,
  { reason: wanted, tenantId, messageIds }: LetterFilter,
): boolean =>
  (wanted === undefined || reason === wanted) &&
  (tenantId === undefined || claims?.tenant_id === tenantId) &&
  (messageIds === undefined || messageIds.has(messageId));
