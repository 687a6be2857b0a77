import { randomBytes } from 'node:crypto';

/** Stands for the trace of what is in none: a cap over traces holds for it in each process. */
export const NO_TRACE = randomBytes(16).toString('hex');
