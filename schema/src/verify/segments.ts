import type { AuditRecord } from '../record.ts';
import type { Finding, Place } from './finding.ts';

/** What a rotated ledger file was found to be. */
export type Segment = {
  readonly segment: number;
  readonly bytes: number;
  readonly records: number;
  /** 64 hex digits. */
  readonly sha256: string;
  /** As in `Place`: each writer numbers its own. Default: the file. */
  readonly writer?: string;
};

/** Holds rotated files against the `rotation` records that the control plane wrote when it closed them. */
export function createSegments() {
  const said = new Map<string, { readonly record: AuditRecord; readonly place: Place }>();
  const found = new Map<string, Segment & { readonly file: string }>();

  const rotation = (record: AuditRecord, place: Place): void => {
    if (record.segment !== undefined)
      said.set(keyOf(place.writer ?? place.file, record.segment), { record, place });
  };
  const file = (name: string, segment: Segment): void => {
    found.set(keyOf(segment.writer ?? name, segment.segment), { ...segment, file: name });
  };

  function* faults(): Iterable<Finding> {
    for (const [key, { record, place }] of said) {
      const number = record.segment;
      const there = found.get(key);
      if (!there)
        yield {
          check: 'segment',
          severity: 'unmeasured',
          message: `segment unmeasured: rotated file ${number}, which this record closed, was not given`,
          ...place,
        };
      else if (
        there.sha256 !== record.segment_sha256 ||
        there.bytes !== record.segment_bytes ||
        there.records !== record.segment_records
      )
        yield {
          check: 'segment',
          severity: 'wrong',
          file: there.file,
          message: `is not the file that was closed as segment ${number}: its size, line count or SHA-256 is another`,
        };
    }
    for (const [key, { file: name, segment: number }] of found)
      if (!said.has(key))
        yield {
          check: 'segment',
          severity: 'unmeasured',
          file: name,
          message: `segment unmeasured: no rotation record closes segment ${number}`,
        };
  }

  return { rotation, file, faults };
}

const keyOf = (writer: string, segment: number): string => `${segment} ${writer}`;
