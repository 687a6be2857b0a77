import { createHash } from 'node:crypto';
import type { AuditRecord, CommittedField, Finding } from '@vantio/schema';
import { MAX_DISCLOSURE_BYTES, parseDisclosureLine } from '@vantio/schema/disclosure-line';
import { erasureOf, valueName } from '@vantio/schema/erasure-of';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import { readLines } from '../ledger/read-lines.ts';
import { plural } from '../terminal/quantities.ts';

/** What became of the values behind a ledger's commitments. */
export type ValueCounts = {
  /** Disclosed: the commitment was opened. */
  readonly disclosed: number;
  /** Not disclosed, and an `erasure` record says so. */
  readonly erased: number;
  /** Neither, in a file that has disclosures beside it. */
  readonly missing: number;
  /** Neither, in a file that was given without disclosures. */
  readonly notGiven: number;
  /** Lines of disclosures that an `erasure` record says are gone. */
  readonly returned: number;
};

/** Values without a disclosure, and erasures, that are held at one time: some 30 bytes each. */
const MAX_HELD = 2_000_000;

/**
 * Counts, as the records stream by, which committed values are disclosed, which were erased, and which are just not there.
 */
export function createValueTally(maxHeld = MAX_HELD) {
  const tombstones = new Set<number>();
  const late = new Set<number>();
  const absent: { readonly keys: number[]; readonly files: (LedgerFile | undefined)[] } = {
    keys: [],
    files: [],
  };
  let disclosed = 0;
  let overflow = 0;

  const record = (record: AuditRecord): void => {
    const erasure = erasureOf(record);
    if (erasure === undefined) return;
    if (tombstones.size < maxHeld) tombstones.add(keyOf(erasure));
    else overflow++;
  };

  const missing = (
    file: LedgerFile,
    { tenant_id, event_id }: AuditRecord,
    field: CommittedField,
  ) => {
    if (absent.keys.length >= maxHeld) {
      overflow++;
      return;
    }
    absent.keys.push(keyOf(valueName(tenant_id, event_id, field)));
    absent.files.push(file);
  };

  const finish = (files: readonly LedgerFile[], onFinding: (finding: Finding) => void) => {
    let erased = 0;
    let notGiven = 0;
    const missingIn = new Map<string, number>();
    for (const [at, key] of absent.keys.entries()) {
      const file = absent.files[at];
      if (late.delete(key)) disclosed++;
      else if (tombstones.has(key)) erased++;
      else if (file?.disclosures === undefined) notGiven++;
      else missingIn.set(file.disclosures, (missingIn.get(file.disclosures) ?? 0) + 1);
    }
    const note = (file: string, message: string): void =>
      onFinding({ check: 'disclosure', severity: 'unmeasured', file, message });
    for (const [file, count] of missingIn)
      note(file, `lacks ${plural(count, 'committed value')}, and no erasure record says why`);
    let returned = 0;
    for (const [file, count] of returnedIn(files, tombstones)) {
      returned += count;
      note(
        file,
        `holds ${plural(count, 'value')} that an erasure record says were erased: the erasure was cut short, or a copy was put back; run vantio erase again`,
      );
    }
    if (overflow > 0)
      note(
        files[0]?.path ?? '',
        `has more erased or missing values than are held at a time: ${plural(overflow, 'further one')} not looked at`,
      );
    const missing = [...missingIn.values()].reduce((sum, count) => sum + count, 0);
    return { disclosed, erased, missing, notGiven, returned } satisfies ValueCounts;
  };

  return {
    record,
    missing,
    disclosed: (): void => {
      disclosed++;
    },
    /** A value that was missing: its disclosure stands out of order. */
    foundLate: ({ tenant_id, event_id }: AuditRecord, field: CommittedField): void => {
      if (late.size < maxHeld) late.add(keyOf(valueName(tenant_id, event_id, field)));
    },
    finish,
  };
}

export type ValueTally = ReturnType<typeof createValueTally>;

function* returnedIn(
  files: readonly LedgerFile[],
  tombstones: ReadonlySet<number>,
): Iterable<readonly [string, number]> {
  if (tombstones.size === 0) return;
  for (const { disclosures } of files) {
    if (disclosures === undefined) continue;
    let count = 0;
    for (const line of readLines(disclosures, { maxBytes: MAX_DISCLOSURE_BYTES }))
      if (line.kind === 'text' && isErased(line.text, tombstones)) count++;
    if (count > 0) yield [disclosures, count];
  }
}

function isErased(text: string, tombstones: ReadonlySet<number>): boolean {
  try {
    const { tenantId, eventId, field } = parseDisclosureLine(text);
    return tombstones.has(keyOf(valueName(tenantId, eventId, field)));
  } catch {
    return false;
  }
}

/** 53 bits of a hash: two of a million values share one with a chance of one in ten thousand. */
const keyOf = (name: string): number => {
  const digest = createHash('sha256').update(name).digest();
  return digest.readUIntBE(0, 6) * 32 + (digest.readUInt8(6) & 31);
};
