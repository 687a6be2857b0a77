import { recordHash } from '@vantio/schema/hash';
import type { SoundLine } from '../../import/read-sound-lines.ts';

/**
 * A record as an event of CloudEvents 1.0.2 in structured mode. What is not of the record itself stands in extension
 * attributes, whose names may have small letters and digits alone.
 */
export function cloudEvent({ parsed }: SoundLine): object {
  const { record, canonical, mac, receivedAt, receivedMac } = parsed;
  const { trace_id, span_id } = record;
  return {
    specversion: '1.0',
    // An event id may stand for two records, in a conflict; a RecordHash may not.
    id: recordHash(canonical),
    source: `urn:vantio:session:${record.session_id}`,
    type: `vantio.record.v1.${record.event_type}`,
    subject: record.event_id,
    time: record.occurred_at,
    datacontenttype: 'application/json',
    dataschema: 'urn:vantio:record:v1',
    tenantid: record.tenant_id,
    recordmac: mac,
    receivedat: receivedAt,
    receivedmac: receivedMac,
    // The extension wants text that sorts as its numbers do: 2^53 - 1 has 16 digits.
    sequence: String(record.seq).padStart(16, '0'),
    // Whether the trace was sampled, nobody here knows: flags say nothing.
    ...(trace_id === undefined || span_id === undefined
      ? {}
      : { traceparent: `00-${trace_id}-${span_id}-00` }),
    data: record,
  };
}
