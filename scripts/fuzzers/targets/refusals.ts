import { EnvelopeError } from '@vantio/schema';
import { TlogError } from '@vantio/schema/tlog/tlog-error';

export const isTlogError = (error: unknown): error is TlogError => error instanceof TlogError;

/** Its field goes into answers and logs, so it must be the name of one and no more. */
export const isEnvelopeError = (error: unknown): error is EnvelopeError =>
  error instanceof EnvelopeError && /^[A-Za-z0-9_.?-]{1,80}$/.test(error.field);
