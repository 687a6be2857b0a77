import type { AuditRecord } from '@vantio/schema';
import { readStoredLine } from '../ndjson/line.ts';
import { replay } from '../ndjson/replay.ts';

export type LedgerFacts = {
  /** `valueText` of each value that an `erasure` record of the control plane names. */
  readonly erased: ReadonlySet<string>;
  /** Events of the trace that was asked for, as `eventText`. */
  readonly ofTrace: ReadonlySet<string>;
};

export const eventText = (tenantId: string, eventId: string): string => `${tenantId} ${eventId}`;
export const valueText = (tenantId: string, eventId: string, field: string): string =>
  `${eventText(tenantId, eventId)} ${field}`;

/** What an erasure needs to know of the records. Lines that cannot be read are `verify`'s business. */
export function readLedgers(paths: readonly string[], traceId: string | undefined): LedgerFacts {
  const erased = new Set<string>();
  const ofTrace = new Set<string>();
  const wanted = traceId === undefined ? undefined : `"${traceId}"`;
  const take = (record: AuditRecord): void => {
    const { event_type, source, subject_tenant_id, subject_event_id, subject_field } = record;
    if (event_type === 'erasure' && source === 'control_plane')
      erased.add(valueText(`${subject_tenant_id}`, `${subject_event_id}`, `${subject_field}`));
    if (traceId !== undefined && (record.trace_id ?? record.session_id) === traceId)
      ofTrace.add(eventText(record.tenant_id, record.event_id));
  };
  for (const path of paths)
    for (const lines of replay(path, 0))
      for (const { text } of lines) {
        const mayMatter =
          text.includes('"event_type":"erasure"') ||
          (wanted !== undefined && text.includes(wanted));
        const line = mayMatter ? readStoredLine(text) : undefined;
        if (line !== undefined) take(line.record);
      }
  return { erased, ofTrace };
}
