import { subscribe } from 'node:diagnostics_channel';
import { PROBLEM_CODES, type Problem } from '@vantio/schema/wire/problem';
import { refusals } from '../door/problem-response.ts';
import { log } from './log.ts';
import { measure } from './metrics/measure.ts';
import { currentRequest } from './request-context.ts';

let watching = false;

/** A line and a count for each request that is answered with a problem; those that are taken stand in Cloud Run's own log. */
export function watchRefusals(): void {
  if (watching) return;
  watching = true;
  subscribe(refusals.name, (message) => {
    const { type, status } = message as Problem;
    const reason = PROBLEM_CODES.find((code) => type === `urn:vantio:problem:${code}`) ?? 'other';
    const functionName = currentRequest()?.functionName ?? 'other';
    measure('vantio.requests.refused', 1, { function: functionName, reason });
    log(status >= 500 ? 'WARNING' : 'INFO', 'refused', { status, reason });
  });
}
