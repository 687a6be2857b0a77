import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Message, PubSub, Subscription } from '@google-cloud/pubsub';
import { readApiKey } from '@vantio/schema';
import { sealBatch } from '@vantio/schema/wire/sealed-batch';
import { findingsOf, type Outcome } from '../finding.ts';
import { sealSession } from '../sealed-session.ts';
import { answerOf, inWords } from '../spanner/answer.ts';
import type { Context } from './context.ts';
import { createLedgerReader } from './ledger-reader.ts';

const PROBE = 'dead-letter';
const found = findingsOf(PROBE);
const BURIED =
  'a message that no trusted ingest signed comes to the dead-letter topic, with reason unknown_signer';
const KEPT = 'the subscription in which dead letters wait for a person is on that topic';
const NOT_STORED = 'nothing of that message stands in the ledger';
const DAY_SECONDS = 86_400;

/**
 * Publishes to the ledger's topic what only ingest may: a well-formed batch, for Pub/Sub holds the topic to a schema, under
 * a key that nobody knows. Listens on a subscription of its own, so that no dead letter of anybody else's is taken.
 */
export async function probeDeadLetter({ subject, owner }: Context): Promise<Outcome> {
  const { topics, deadLetterSubscription, apiKey, patience } = subject;
  const pubsub = await subject.pubsub();
  const kept = await answerOf(async () => {
    const [{ topic }] = await pubsub.subscription(deadLetterSubscription).getMetadata();
    return topic;
  });
  const own = await answerOf(() => listen(pubsub, topics.deadLetter));
  if (own.kind === 'failed') return nothing(`no subscription of its own: ${inWords(own)}`);
  try {
    const { data, sessionId } = forgedBatch(apiKey);
    const published = await answerOf(() => pubsub.topic(topics.ledger).publishMessage({ data }));
    if (published.kind === 'failed')
      return nothing(`the message could not be published: ${inWords(published)}`);
    const letter = await nextLetter(own.value, published.value, patience);
    const stored = await answerOf(() =>
      createLedgerReader(owner)(readApiKey(apiKey).tenantId, sessionId),
    );
    const { reason } = letter?.attributes ?? {};
    return {
      findings: [
        !letter
          ? found('refuted', BURIED, `none came within ${Math.round(patience / 1000)} s`)
          : found(
              reason === 'unknown_signer' ? 'proved' : 'refuted',
              BURIED,
              `it came with ${reason === undefined ? 'no reason' : `reason ${reason}`}`,
            ),
        kept.kind === 'failed'
          ? found(
              kept.code === 'NOT_FOUND' ? 'refuted' : 'not measured',
              KEPT,
              `${deadLetterSubscription}: ${inWords(kept)}`,
            )
          : found(kept.value === topics.deadLetter ? 'proved' : 'refuted', KEPT, `${kept.value}`),
        stored.kind === 'failed'
          ? found('not measured', NOT_STORED, `the owner's read: ${inWords(stored)}`)
          : !letter
            ? found('not measured', NOT_STORED, 'it may still be under way')
            : found(
                stored.value.size === 0 ? 'proved' : 'refuted',
                NOT_STORED,
                `${stored.value.size} of its records are there`,
              ),
      ],
      notes: letter
        ? [
            `one dead letter of this probe waits in ${deadLetterSubscription} (source_message_id ${published.value}): it may be dropped`,
          ]
        : [],
    };
  } finally {
    await own.value.close().catch(() => {});
    await own.value.delete().catch(() => {});
  }
}

const nothing = (because: string): Outcome => ({
  findings: [BURIED, KEPT, NOT_STORED].map((claim) => found('not measured', claim, because)),
  notes: [],
});

/** Ends by itself after a day, should this process not live to delete it. */
async function listen(pubsub: PubSub, topic: string): Promise<Subscription> {
  const name = `vantio-probe-${randomBytes(6).toString('hex')}`;
  const [subscription] = await pubsub.topic(topic).createSubscription(name, {
    expirationPolicy: { ttl: { seconds: DAY_SECONDS } },
    messageRetentionDuration: { seconds: 600 },
  });
  return subscription;
}

function forgedBatch(apiKey: string): { readonly data: Buffer; readonly sessionId: string } {
  const { tenantId, keyId } = readApiKey(apiKey);
  const { records } = sealSession(apiKey);
  const header = {
    tenant_id: tenantId,
    key_id: keyId,
    received_at: records[0]?.record.occurred_at ?? '',
  };
  const lines = records.map(({ envelope }) => envelope);
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    data: Buffer.from(sealBatch(header, lines, privateKey)),
    sessionId: records[0]?.record.session_id ?? '',
  };
}

/** The dead letter made of one message, or undefined when none came in time. */
async function nextLetter(
  subscription: Subscription,
  messageId: string,
  patience: number,
): Promise<Message | undefined> {
  const signal = AbortSignal.timeout(patience);
  try {
    for (;;) {
      const [message] = (await once(subscription, 'message', { signal })) as [Message];
      message.ack();
      if (message.attributes.source_message_id === messageId) return message;
    }
  } catch (error) {
    if ((error as { readonly name?: string }).name === 'AbortError') return undefined;
    throw error;
  }
}
