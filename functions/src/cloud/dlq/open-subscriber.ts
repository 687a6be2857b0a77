import { SettingError } from '../environment.ts';
import { codeOf, GRPC } from '../spanner/grpc-status.ts';

export type PulledMessage = {
  readonly ackId: string;
  readonly messageId: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, by Pub/Sub's clock. */
  readonly publishedAt: number;
};

/**
 * A subscription, one call at a time. What is pulled is handed to nobody else for `LEASE_SECONDS`, whoever pulled it being
 * alive or not, and stays in the subscription until it is acknowledged.
 */
export type Subscriber = {
  /** Waits at most so long for a message. @returns none, when none came. */
  readonly pull: (maxMessages: number, waitMillis: number) => Promise<readonly PulledMessage[]>;
  readonly acknowledge: (ackIds: readonly string[]) => Promise<void>;
  /** Gives messages back: others may have them at once. */
  readonly release: (ackIds: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The longest that Pub/Sub grants. */
export const LEASE_SECONDS = 600;
const PATH = /^projects\/([^/]+)\/subscriptions\/([^/]+)$/;
/** A request may have 512 KiB; an ack id has some hundred bytes. */
const ACK_IDS = 500;

/** @param subscription projects/P/subscriptions/S */
export async function openSubscriber(subscription: string): Promise<Subscriber> {
  if (!PATH.test(subscription))
    throw new SettingError(`the subscription is not of the form ${PATH.source}`);
  const client = await openClient();
  const change = async (ackIds: readonly string[], ackDeadlineSeconds: number): Promise<void> => {
    for (const part of partsOf(ackIds))
      await client.modifyAckDeadline({ subscription, ackIds: part, ackDeadlineSeconds });
  };
  return {
    pull: async (maxMessages, waitMillis) => {
      const messages = await orNone(async () => {
        const [answer] = await client.pull({ subscription, maxMessages }, { timeout: waitMillis });
        return (answer.receivedMessages ?? []).map(pulledOf);
      });
      // The subscription's own deadline may be ten seconds.
      await change(
        messages.map(({ ackId }) => ackId),
        LEASE_SECONDS,
      );
      return messages;
    },
    acknowledge: async (ackIds) => {
      for (const part of partsOf(ackIds)) await client.acknowledge({ subscription, ackIds: part });
    },
    release: (ackIds) => change(ackIds, 0),
    close: () => client.close(),
  };
}

async function openClient() {
  const { v1 } = await import('@google-cloud/pubsub');
  const emulator = process.env.PUBSUB_EMULATOR_HOST;
  if (emulator === undefined) return new v1.SubscriberClient();
  const { grpc } = await import('google-gax');
  const [apiEndpoint = '', port] = emulator.split(':');
  return new v1.SubscriberClient({
    apiEndpoint,
    port: Number(port),
    sslCreds: grpc.credentials.createInsecure(),
  });
}

type Received = {
  readonly ackId?: string | null;
  readonly message?: {
    readonly messageId?: string | null;
    readonly data?: Uint8Array | string | null;
    readonly attributes?: { readonly [name: string]: string } | null;
    readonly publishTime?: {
      readonly seconds?: unknown;
      readonly nanos?: number | null;
    } | null;
  } | null;
};

function pulledOf({ ackId, message }: Received): PulledMessage {
  const { seconds, nanos } = message?.publishTime ?? {};
  return {
    ackId: ackId ?? '',
    messageId: message?.messageId ?? '',
    data: Buffer.from((message?.data ?? '') as Uint8Array),
    attributes: message?.attributes ?? {},
    publishedAt: Number(seconds ?? 0) * 1000 + Math.floor((nanos ?? 0) / 1e6),
  };
}

async function orNone<T>(pull: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await pull();
  } catch (error) {
    const code = codeOf(error);
    // Whichever side sees first that the time is over: the server then says that the call was cancelled.
    if (code === GRPC.deadlineExceeded || code === GRPC.cancelled) return [];
    throw error;
  }
}

function* partsOf(ackIds: readonly string[]): Generator<string[]> {
  for (let from = 0; from < ackIds.length; from += ACK_IDS)
    yield ackIds.slice(from, from + ACK_IDS);
}
