import { type AuditRecord, recordHash } from '@vantio/schema';

/** What the writer needs of one of its own lines. */
export type StoredLine = {
  readonly record: AuditRecord;
  readonly hash: string;
  readonly receivedAt: string;
  readonly receivedMac: string;
};

// `{"received_at":"` instant `","received_mac":"` MAC `","record":` record `,"record_mac":"` MAC `"}` (record.md)
const HEAD = /^\{"received_at":"([0-9TZ:.-]{27})","received_mac":"([0-9a-f]{64})","record":/;
const HEAD_LENGTH = 136;
const TAIL_LENGTH = 81;

/**
 * Reads a line of this writer's own file, in a fifth of the time that checking it takes: MACs and alphabets are
 * `verify`'s business.
 * @returns undefined for a line that is not one.
 */
export function readStoredLine(text: string): StoredLine | undefined {
  const [, receivedAt, receivedMac] = HEAD.exec(text) ?? [];
  if (receivedAt === undefined || receivedMac === undefined) return undefined;
  const canonical = text.slice(HEAD_LENGTH, -TAIL_LENGTH);
  try {
    const record = JSON.parse(canonical) as AuditRecord;
    if (typeof record.session_id !== 'string' || !Number.isSafeInteger(record.seq))
      return undefined;
    return { record, hash: recordHash(canonical), receivedAt, receivedMac };
  } catch {
    return undefined;
  }
}
