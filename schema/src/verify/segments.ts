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
  const said = new Map<string, { readonly record: AuditRecord; readonly place: Place }[]>();
  const found = new Map<string, Segment & { readonly file: string }>();

  const rotation = (record: AuditRecord, place: Place): void => {
    if (record.segment === undefined) return;
    const key = keyOf(place.writer ?? place.file, record.segment);
    const told = said.get(key) ?? [];
    if (!told.some((each) => isOfOneFile(each.record, record))) told.push({ record, place });
    said.set(key, told);
  };
  const file = (name: string, segment: Segment): void => {
    found.set(keyOf(segment.writer ?? name, segment.segment), { ...segment, file: name });
  };

  function* faults(): Iterable<Finding> {
    for (const [key, told] of said) {
      const [{ record, place }] = told as [(typeof told)[number]];
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
        told.some(
          ({ record: each }) =>
            there.sha256 !== each.segment_sha256 ||
            there.bytes !== each.segment_bytes ||
            there.records !== each.segment_records,
        )
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

const isOfOneFile = (a: AuditRecord, b: AuditRecord): boolean =>
  a.segment_sha256 === b.segment_sha256 &&
  a.segment_bytes === b.segment_bytes &&
  a.segment_records === b.segment_records;

const keyOf = (writer: string, segment: number): string => `${segment} ${writer}`;
