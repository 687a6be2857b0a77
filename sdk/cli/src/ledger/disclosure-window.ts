import type { AuditRecord, CommittedField, Disclosure } from '@vantio/schema';
import { COMMITTED_FIELDS } from '@vantio/schema/committed-fields';
import {
  type DisclosureLine,
  disclosureFault,
  MAX_DISCLOSURE_BYTES,
  parseDisclosureLine,
} from '@vantio/schema/disclosure-line';
import { readLines } from './read-lines.ts';

export type DisclosureFault = {
  readonly field: string;
  readonly message: string;
  readonly eventId?: string;
  /** Line of the disclosures file, from 1. */
  readonly line: number;
};

/** How far a disclosure may stand from its place in ledger order. */
const WINDOW = 8192;

/** A disclosure that opened no commitment near its place. */
export type Stray = Pick<DisclosureLine, 'commit' | 'tenantId' | 'eventId' | 'field'> & {
  /** Line of the disclosures file, from 1. */
  readonly line: number;
};

type Pending = Stray & { readonly disclosure?: Disclosure };

export type WindowOptions = {
  /** Whether `check` hands over what it found; the window then holds values, and not only their commitments. */
  readonly keepValues?: boolean;
  /** Told of each commitment that a disclosure opened. */
  readonly onOpened?: (record: AuditRecord, field: CommittedField) => void;
  /** Told of each disclosure that opened none: its record stands elsewhere, or nowhere. */
  readonly onStray?: (stray: Stray) => void;
  /** Told of each commitment that has none. */
  readonly onMissing?: (record: AuditRecord, field: CommittedField) => void;
};

const NONE: readonly Disclosure[] = [];

/**
 * Joins a disclosures file to its ledger as both stream by. Disclosures stand in ledger order, with holes where some were
 * erased, so a window of them is all that need be held; of each only its commitment. The window moves on at each match,
 * so that strays cannot stop it; what falls out of it opens nothing near its place.
 */
export function createDisclosureWindow(
  path: string,
  onFault: (fault: DisclosureFault) => void,
  {
    keepValues = false,
    onOpened = () => {},
    onStray = () => {},
    onMissing = () => {},
  }: WindowOptions = {},
) {
  const lines = readLines(path, { maxBytes: MAX_DISCLOSURE_BYTES });
  const pending = new Map<string, Pending>();
  let read = 0;
  let done = false;

  const readTo = (line: number): void => {
    while (!done && read < line) {
      const { value } = lines.next();
      if (value === undefined) done = true;
      else if (value.kind === 'text') take(value.text, value.number);
      else onFault(brokenLine(value));
      read = value?.number ?? read;
    }
  };

  const take = (text: string, line: number): void => {
    let disclosure: DisclosureLine;
    try {
      disclosure = parseDisclosureLine(text);
    } catch (error) {
      onFault({ field: 'disclosure', message: disclosureFault(error), line });
      return;
    }
    const { eventId, field, commit, tenantId, salt, value } = disclosure;
    const key = keyOf(tenantId, eventId, field, commit);
    const kept = keepValues ? { disclosure: { field, salt, value } } : {};
    // Twice the same is no more than once.
    if (!pending.has(key)) pending.set(key, { commit, tenantId, eventId, field, line, ...kept });
  };

  /**
   * Opens the record's commitments with the disclosures near its place.
   * @returns those that do, if values are kept.
   */
  const check = (record: AuditRecord): readonly Disclosure[] => {
    let sound = NONE;
    for (const field of COMMITTED_FIELDS) {
      const commit = record[`${field}_commit`];
      if (commit === undefined) continue;
      const key = keyOf(record.tenant_id, record.event_id, field, commit);
      const found = pending.get(key);
      if (found === undefined) {
        onMissing(record, field);
        continue;
      }
      pending.delete(key);
      onOpened(record, field);
      if (found.disclosure !== undefined) sound = [...sound, found.disclosure];
      moveTo(found.line);
    }
    return sound;
  };

  const moveTo = (line: number): void => {
    for (const [key, stray] of pending) {
      if (stray.line >= line - WINDOW) break;
      pending.delete(key);
      onStray(stray);
    }
    readTo(line + WINDOW);
  };

  /** What is left opened nothing. */
  const finish = (): void => {
    for (;;) {
      for (const stray of pending.values()) onStray(stray);
      pending.clear();
      if (done) return;
      readTo(read + WINDOW);
    }
  };

  readTo(WINDOW);
  return { check, finish };
}

export type DisclosureWindow = ReturnType<typeof createDisclosureWindow>;

/** For a ledger file without disclosures beside it. */
export const windowOfNone = (onMissing: Required<WindowOptions>['onMissing']) => ({
  check: (record: AuditRecord): readonly Disclosure[] => {
    for (const field of COMMITTED_FIELDS)
      if (record[`${field}_commit`] !== undefined) onMissing(record, field);
    return NONE;
  },
  finish: (): void => {},
});

const keyOf = (...parts: readonly [tenantId: string, eventId: string, ...string[]]): string =>
  parts.join(' ');

const brokenLine = (
  line:
    | { readonly kind: 'refused'; readonly number: number; readonly reason: string }
    | {
        readonly kind: 'torn';
        readonly number: number;
      },
): DisclosureFault => ({
  field: 'disclosure',
  line: line.number,
  message: line.kind === 'torn' ? 'the last line does not end in a newline' : line.reason,
});
