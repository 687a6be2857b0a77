import { type EventProof, type EventProofRequest, judgeEvent } from '../src/verify/event-proof.ts';
import { oneAtATime, withAnswers } from './signature-answers.ts';

/** Whether a `tlog-proof` shows an event to be in a log, by keys that the caller pinned. */
export const verifyEvent = (request: EventProofRequest): Promise<EventProof> =>
  oneAtATime(() => withAnswers(() => judgeEvent(request)));
