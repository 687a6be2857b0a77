import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { encodeBase64 } from '@vantio/schema/tlog/note';
import {
  type AddCheckpoint,
  type Answer,
  answerAddCheckpoint,
  parseAddCheckpoint,
  said,
} from './add-checkpoint.ts';
import { type Alarm, rfc3339 } from './alarm.ts';
import type { LogKey } from './verifier-keys.ts';
import type { Considered, Witness } from './witness.ts';

export type ServeOptions = {
  readonly witness: Witness;
  readonly keys: readonly LogKey[];
  readonly onAlarm: (alarm: Alarm) => void;
  readonly onCosigned: (origin: string, size: number) => void;
  readonly onFault: (says: string) => void;
  readonly now: () => number;
};

/** A note of 16 signatures of ML-DSA-44 has a tenth of this. */
const MAX_BODY_BYTES = 1_000_000;
const REQUEST_MILLIS = 30_000;

/** The submission half of a C2SP tlog-witness, for logs that can reach it. There is no other authentication than the log's signature. */
export function createWitnessServer(options: ServeOptions): Server {
  const server = createServer((request, response) => {
    answerTo(options, request)
      .catch((error: unknown) => {
        options.onFault(`a request could not be judged: ${(error as Error).message}`);
        return said(500, 'the witness cannot judge this now');
      })
      .then((answer) => send(response, answer));
  });
  server.requestTimeout = REQUEST_MILLIS;
  return server;
}

async function answerTo(options: ServeOptions, request: IncomingMessage): Promise<Answer> {
  if (request.url !== '/add-checkpoint') return said(404, 'there is only POST /add-checkpoint');
  if (request.method !== 'POST') return said(405, 'there is only POST /add-checkpoint');
  const body = await readBody(request);
  if (body === undefined) return said(413, `the body is over ${MAX_BODY_BYTES} bytes`);
  const asked = parseAddCheckpoint(body);
  if (asked === undefined) return said(400, 'the body is not one of add-checkpoint');
  const { checkpoint, ...step } = asked;
  const considered = options.witness.consider(checkpoint, step);
  if (considered.verdict === 'cosigned')
    options.onCosigned(considered.checkpoint.origin, considered.checkpoint.size);
  const alarm = alarmOf(options, considered, asked);
  if (alarm !== undefined) options.onAlarm(alarm);
  return answerAddCheckpoint(considered);
}

/**
 * Anyone can send an old checkpoint, or a good one with a proof of nothing. Two trees of one size under the log's signature
 * only the log can have made.
 */
function alarmOf(
  { keys, now }: ServeOptions,
  considered: Considered,
  asked: AddCheckpoint,
): Alarm | undefined {
  if (considered.verdict !== 'refuse' || considered.fault !== 'fork') return undefined;
  const { checkpoint, seen, says } = considered;
  if (checkpoint === undefined || seen === undefined) return undefined;
  return {
    kind: 'fork',
    origin: checkpoint.origin,
    at: rfc3339(now()),
    says,
    keys: keys.filter(({ name }) => name === checkpoint.origin).map(({ vkey }) => vkey),
    seen: seen.bytes,
    got: asked.checkpoint,
    proof: asked.proof.map(encodeBase64),
  };
}

/** @returns undefined if it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not destroyed when it is left: it is still to be answered.
  const received: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of received) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 413 ? { connection: 'close' } : {}),
  });
  response.end(body);
}
