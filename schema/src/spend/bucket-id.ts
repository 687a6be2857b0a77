import { createHash } from 'node:crypto';

/** One cap in one window over one subject. It says nothing of any of them. */
export const bucketId = (ruleId: string, windowKey: string, subject: string): string =>
  digest('vantio/spend/bucket/v1', ruleId, windowKey, subject);

/** Agents' names can identify a person, so they do not travel: the same name is the same text, for one tenant. */
export const spendSubject = (tenantId: string, scope: 'agent' | 'model', name: string): string =>
  digest('vantio/spend/subject/v1', tenantId, scope, name);

const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
