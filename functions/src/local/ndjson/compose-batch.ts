import { formatLedgerLine } from '@vantio/schema';
import { formatDisclosureLine } from '@vantio/schema/disclosure-line';
import type { EventStatus } from '@vantio/schema/wire/ingest-answer';
import type { Batch } from '../../ingest/ledger-store.ts';
import { isCounted } from '../../ingest/quota.ts';
import type { BookDraft } from './session-book.ts';

/** Where the next line goes. */
export type WritePoint = {
  readonly segment: number;
  readonly offset: number;
  /** `received_mac` of the line before. */
  readonly previous: string;
};

/** A judged batch as ledger text. */
export type Composed = {
  readonly draft: ReturnType<BookDraft['batch']>;
  readonly statuses: readonly EventStatus[];
  /** Lines with their newlines; ASCII, as every field's alphabet is. */
  readonly text: string;
  readonly lines: number;
  readonly disclosures: string;
  /** Events that count against the quota. */
  readonly counted: number;
  readonly next: WritePoint;
};

/** Judges a batch record by record and writes the lines of what is kept. Touches neither disk nor book. */
export function composeBatch(
  batch: Batch,
  draft: ReturnType<BookDraft['batch']>,
  at: WritePoint,
  receivedAt: string,
): Composed {
  const { segment } = at;
  const statuses: EventStatus[] = [];
  let { offset, previous } = at;
  let text = '';
  let lines = 0;
  let counted = 0;
  let disclosures = '';
  for (const checked of batch.records) {
    const status = draft.judge(checked);
    statuses.push(status);
    if (status === 'duplicate') continue;
    const line = formatLedgerLine({
      canonical: checked.canonical,
      recordMac: checked.mac,
      receivedAt,
      key: batch.receivedKey,
      previous,
    });
    const bytes = line.text.length + 1;
    draft.keep(checked, { segment, offset, bytes }, status);
    text += `${line.text}\n`;
    lines++;
    offset += bytes;
    previous = line.receivedMac;
    if (isCounted(checked.record.event_type)) counted++;
    for (const disclosure of checked.disclosures)
      disclosures += `${formatDisclosureLine(checked.record.event_id, batch.tenantId, disclosure)}\n`;
  }
  return {
    draft,
    statuses,
    text,
    lines,
    disclosures,
    counted,
    next: { segment, offset, previous },
  };
}
