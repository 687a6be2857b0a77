import type * as http from 'node:http';
import { cancel, dateNow, later } from '../context/main-realm.ts';
import { EXEMPT, storage } from '../context/span.ts';
import { judge, type Outcome } from './answer.ts';
import { createDoor } from './door.ts';

const TIMEOUT_MS = 5000;
const MAX_ANSWER = 4 * 1024 * 1024;

export type Post = (body: string, records: number) => Promise<Outcome>;

const FAILED: Outcome = { kind: 'retry', status: 0, afterMs: 0 };

/** Posts batches to one URL over a connection kept alive. It never rejects, and never keeps the process running. */
export function createPost(url: URL, apiKey: string): Post {
  const door = createDoor(url, 'POST');
  const headers = {
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/x-ndjson',
    accept: 'application/json',
  };

  return (body, records) =>
    storage.run(EXEMPT, async () => {
      try {
        return await exchange(await door(headers), body, records);
      } catch {
        return FAILED;
      }
    });
}

function exchange(request: http.ClientRequest, body: string, records: number): Promise<Outcome> {
  return new Promise((resolve) => {
    let settled = false;
    const done = (outcome: Outcome): void => {
      settled = true;
      cancel(timer);
      resolve(outcome);
    };
    const fail = (): void => {
      // A response closes after its end too: its connection must stay open for the next batch.
      if (settled) return;
      done(FAILED);
      request.destroy();
    };
    const timer = later(fail, TIMEOUT_MS);
    timer.unref();
    request.on('socket', (socket) => socket.unref());
    request.on('error', fail);
    request.on('response', (response) => {
      const { statusCode = 0, headers } = response;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER) fail();
      });
      response.on('error', fail);
      response.on('close', fail);
      response.on('end', () =>
        done(judge(statusCode, headers['retry-after'], text, records, dateNow())),
      );
    });
    request.end(body);
  });
}
