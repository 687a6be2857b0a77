import { CannotActError } from './subject.ts';

/** What a call gave, or why the owner cannot act as that account. Other failures are thrown on. */
export const orCannotAct = <T>(asked: Promise<T>): Promise<T | CannotActError> =>
  asked.catch((error: unknown) => {
    if (error instanceof CannotActError) return error;
    throw error;
  });
