import type { DisclosureLine } from '@vantio/schema/disclosure-line';
import { eventIdBound, type Selection, type ValueKey } from '../../erase/selection.ts';
import { readDisclosureFile } from './disclosure-file.ts';
import { eventText, type LedgerFacts, valueText } from './read-ledgers.ts';

export type IsMeant = (line: DisclosureLine) => boolean;

/** @param ofTrace events of `selection.traceId`. */
export function meantBy(selection: Selection, { ofTrace }: LedgerFacts): IsMeant {
  const { tenantId, eventIds, traceId, field, before } = selection;
  const bound = before === undefined ? undefined : eventIdBound(before);
  return (line) =>
    (tenantId === undefined || line.tenantId === tenantId) &&
    (eventIds === undefined || eventIds.has(line.eventId)) &&
    (field === undefined || line.field === field) &&
    (bound === undefined || line.eventId < bound) &&
    (traceId === undefined || ofTrace.has(eventText(line.tenantId, line.eventId)));
}

export type FoundValues = {
  /** Each value once, though two writers may have taken its record. */
  readonly values: ReadonlyMap<string, ValueKey>;
  /** Files that hold one, or a torn last line. */
  readonly files: readonly string[];
  /** Lines that are not of the form of a disclosure. */
  readonly unreadable: number;
};

/** Looks through disclosures files. Holds the keys of what is meant, and none of the values. */
export function findValues(paths: readonly string[], isMeant: IsMeant): FoundValues {
  const values = new Map<string, ValueKey>();
  const files: string[] = [];
  let unreadable = 0;
  for (const path of paths) {
    let touched = false;
    for (const { line, isTorn } of readDisclosureFile(path)) {
      if (isTorn) touched = true;
      else if (line === undefined) unreadable++;
      else if (isMeant(line)) {
        const { tenantId, eventId, field } = line;
        values.set(valueText(tenantId, eventId, field), { tenantId, eventId, field });
        touched = true;
      }
    }
    if (touched) files.push(path);
  }
  return { values, files, unreadable };
}
