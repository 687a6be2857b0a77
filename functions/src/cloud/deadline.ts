import { GRPC } from './spanner/grpc-status.ts';

/** Something did not answer in its time; it may still happen. Its code is gRPC's, as of a client library's own deadline. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = GRPC.deadlineExceeded;
  constructor(millis: number) {
    super(`no answer within ${millis} ms`);
  }
}

/**
 * For calls whose library bounds each attempt but not the whole: waiting for a session, a token's certificates, retries.
 * @throws {DeadlineError} what was begun goes on, and its end is not waited for.
 */
export async function withDeadline<T>(millis: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(millis)), millis);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}
