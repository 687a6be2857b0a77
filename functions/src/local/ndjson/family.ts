import { readdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The files of one writer: all named after the active one. */
export type Family = {
  readonly directory: string;
  /** What the lines go to: `name.ndjson`. */
  readonly active: string;
  /** `name.000001.ndjson`: closed, immutable, older first. */
  readonly rotated: (segment: number) => string;
  readonly lock: string;
  /** Where each run of a session's records stands; made anew from the ledger when lost. */
  readonly index: string;
  /** Session heads at a point of the ledger; a hint. */
  readonly snapshot: string;
  /** Directory of the Merkle log over these files, and its verifier key: schema/log.md. */
  readonly log: string;
  readonly verifierKey: string;
  /** Family of a further process that writes at the same time. */
  readonly writer: (sessionId: string) => Family;
};

const EXTENSION = '.ndjson';

/** @throws unless the name ends in .ndjson */
export function familyOf(outputFile: string): Family {
  if (!outputFile.endsWith(EXTENSION) || basename(outputFile) === EXTENSION)
    throw new Error('the output file must have a name that ends in .ndjson');
  return familyOfStem(outputFile.slice(0, -EXTENSION.length));
}

const familyOfStem = (stem: string): Family => ({
  directory: dirname(stem),
  active: `${stem}${EXTENSION}`,
  rotated: (segment) => `${stem}.${String(segment).padStart(6, '0')}${EXTENSION}`,
  lock: `${stem}.lock`,
  index: `${stem}.index`,
  snapshot: `${stem}.snapshot`,
  log: `${stem}.log`,
  verifierKey: `${stem}.vkey`,
  writer: (sessionId) => familyOfStem(`${stem}.w-${sessionId.slice(0, 16)}`),
});

/** `F.ndjson` → `F.disclosures.ndjson`: erasable, so it stands beside the ledger file and not in it. */
export const disclosuresOf = (ledgerFile: string): string =>
  `${ledgerFile.slice(0, -EXTENSION.length)}.disclosures${EXTENSION}`;

/** Number of the newest rotated file; 0: none. */
export function lastRotated({ directory, active }: Family): number {
  const stem = basename(active, EXTENSION);
  let last = 0;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(`${stem}.`) || !name.endsWith(EXTENSION)) continue;
    const middle = name.slice(stem.length + 1, -EXTENSION.length);
    if (/^[0-9]{6,}$/.test(middle)) last = Math.max(last, Number(middle));
  }
  return last;
}

export const pathOf = (family: Family, segment: number, activeSegment: number): string =>
  segment === activeSegment ? family.active : family.rotated(segment);

/** Bytes of a file; 0 when there is none. */
export const sizeOf = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.size ?? 0;
