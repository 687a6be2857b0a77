import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../testing/seeded-random.ts';

type Delivery = {
  readonly id: string;
  readonly body: Buffer;
  /** Of the push that waits for it; a delivery that nobody asked for has none. */
  readonly response?: ServerResponse;
};

export type RedeliveringFrontOptions = {
  /** Hands a push to some writer. @returns its status; undefined: it died. */
  readonly deliver: (body: Buffer) => Promise<number | undefined>;
  readonly random: Random;
};

/** How often each message is acknowledged by a writer before the front lets go of it. */
export const DELIVERIES = 3;
const AT_ONCE = 4;

/**
 * Stands where Pub/Sub pushes to, and makes it as bad as it may be: every message reaches the writers until it was
 * acknowledged three times, in whatever order chance has it. What Pub/Sub is told is what became of the push itself.
 */
export async function startRedeliveringFront({ deliver, random }: RedeliveringFrontOptions) {
  const waiting: Delivery[] = [];
  const acknowledged = new Map<string, number>();
  let underWay = 0;

  const pump = (): void => {
    while (underWay < AT_ONCE && waiting.length > 0) {
      const [delivery] = waiting.splice(random.below(waiting.length), 1);
      if (!delivery) return;
      underWay++;
      void attempt(delivery).finally(() => {
        underWay--;
        pump();
      });
    }
  };

  const attempt = async (delivery: Delivery): Promise<void> => {
    const { id, body, response } = delivery;
    const status = await deliver(body);
    if (status === 204) acknowledged.set(id, (acknowledged.get(id) ?? 0) + 1);
    // A push that failed comes again from Pub/Sub; the others are ours to repeat.
    if (response) response.writeHead(status ?? 503).end();
    else if (status !== 204) waiting.push({ id, body });
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { message } = JSON.parse(body.toString()) as { message: { messageId: string } };
    const id = message.messageId;
    if (!acknowledged.has(id)) {
      acknowledged.set(id, 0);
      for (let extra = 1; extra < DELIVERIES; extra++) waiting.push({ id, body });
    }
    waiting.push({ id, body, response });
    pump();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    /** Whether every message that came was acknowledged as often as it should be. */
    isDone: (): boolean =>
      waiting.length === 0 &&
      underWay === 0 &&
      [...acknowledged.values()].every((times) => times >= DELIVERIES),
    acknowledged: acknowledged as ReadonlyMap<string, number>,
    close: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}
