import type { SealedRecord } from '../session.ts';
import { sampleSession } from './sample-session.ts';

export const sealed = sampleSession({ root: true });
export const [start, request, , call, head, loss] = sealed as [
  SealedRecord,
  SealedRecord,
  SealedRecord,
  SealedRecord,
  SealedRecord,
  SealedRecord,
  SealedRecord,
];
