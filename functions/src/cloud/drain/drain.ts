import type { Server } from 'node:http';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { log } from '../log.ts';
import { closeAll } from './at-end.ts';
import type { RequestsUnderWay } from './requests-under-way.ts';

/** Cloud Run kills ten seconds after SIGTERM (https://cloud.google.com/run/docs/container-contract#instance-shutdown). */
const REQUESTS_MILLIS = 6000;
const CLOSE_MILLIS = 2500;

/**
 * The orderly end of an instance: takes no new connection, answers what is under way, then closes what was opened: notes
 * that wait, topics, sessions, metrics. A request that takes too long is told to come again.
 * @returns the exit code: 0 when everything was finished.
 */
export async function drain(server: Server, requests: RequestsUnderWay): Promise<number> {
  log('INFO', 'draining', { under_way: requests.count() });
  requests.end();
  server.close();
  server.closeIdleConnections();
  const answered = await within(REQUESTS_MILLIS, requests.answered());
  const unanswered = requests.count();
  requests.giveUp();
  // What is said after an answer, such as the note of a refusal, is said in the next turn.
  await turn();
  const closed = await within(CLOSE_MILLIS, closeAll());
  const complete = answered && closed;
  log(complete ? 'INFO' : 'WARNING', 'drained', { unanswered, closed });
  return complete ? 0 : 1;
}

async function within(millis: number, work: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController();
  const late = sleep(millis, false, { signal: stop.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    stop.abort();
  }
}
