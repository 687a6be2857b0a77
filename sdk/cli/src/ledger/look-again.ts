import { type AuditRecord, type CommittedField, parseLedgerLine } from '@vantio/schema';
import type { DisclosureFault, Stray } from './disclosure-window.ts';
import { MAX_LINE_BYTES } from './max-line-bytes.ts';
import { readLines } from './read-lines.ts';

export type LookAgainOptions = {
  readonly onFault: (fault: DisclosureFault) => void;
  /** Told of each commitment that a disclosure out of its order opened. */
  readonly onOpened: (record: AuditRecord, field: CommittedField) => void;
};

/** Strays that are held at once: the ledger file is read once more for each such many. */
const BATCH = 10_000;
// A line's text may hold the words twice; which of them is the record's, its parser decides.
const EVENT_ID = /"event_id":"([0-9a-f-]{36})"/g;

/** Looks for the records of disclosures that stand out of their order, in the whole of a ledger file. */
export function createLookAgain(ledger: string, { onFault, onOpened }: LookAgainOptions) {
  const strays: Stray[] = [];

  const look = (): void => {
    const byEvent = new Map<string, Set<Stray>>();
    const whys = new Map<Stray, Why>();
    for (const stray of strays.splice(0)) {
      whys.set(stray, 'record');
      byEvent.set(stray.eventId, (byEvent.get(stray.eventId) ?? new Set()).add(stray));
    }
    for (const record of recordsOf(ledger, (id) => byEvent.has(id)))
      for (const stray of byEvent.get(record.event_id) ?? []) {
        const why = whyNot(stray, record);
        if (why === undefined) {
          byEvent.get(record.event_id)?.delete(stray);
          whys.delete(stray);
          onOpened(record, stray.field);
        } else if (whys.get(stray) !== 'value') whys.set(stray, why);
      }
    for (const [stray, why] of whys) onFault(FAULTS[why](stray));
  };

  return {
    add: (stray: Stray): void => {
      strays.push(stray);
      if (strays.length === BATCH) look();
    },
    finish: (): void => {
      if (strays.length > 0) look();
    },
  };
}

/** What of a disclosure is not that of any record: its nearest miss. */
type Why = 'record' | 'tenant' | 'value';

function whyNot({ tenantId, field, commit }: Stray, record: AuditRecord): Why | undefined {
  const committed = record[`${field}_commit`];
  if (committed === undefined) return 'record';
  if (record.tenant_id !== tenantId) return 'tenant';
  return committed === commit ? undefined : 'value';
}

const FAULTS: Readonly<Record<Why, (stray: Stray) => DisclosureFault>> = {
  record: ({ line, eventId }) => ({
    field: 'event_id',
    eventId,
    line,
    message: 'discloses a field of no record in the ledger file beside it',
  }),
  tenant: ({ line, eventId }) => ({
    field: 'tenant_id',
    eventId,
    line,
    message: "is not the record's tenant",
  }),
  value: ({ line, eventId, field }) => ({
    field: `${field}_commit`,
    eventId,
    line,
    message: 'is not the commitment of the disclosed value',
  }),
};

function* recordsOf(ledger: string, isWanted: (eventId: string) => boolean): Iterable<AuditRecord> {
  for (const line of readLines(ledger, { maxBytes: MAX_LINE_BYTES })) {
    if (line.kind !== 'text') continue;
    if (![...line.text.matchAll(EVENT_ID)].some(([, id = '']) => isWanted(id))) continue;
    try {
      yield parseLedgerLine(line.text).record;
    } catch {
      // Told already, by whoever read the ledger first.
    }
  }
}
