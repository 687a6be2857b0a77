import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Family } from '../ndjson/family.ts';

/** Every file of a ledger that is there, of all its writers. */
export type FamilyFiles = {
  readonly ledgers: readonly string[];
  readonly disclosures: readonly string[];
  /** What an erasure that was cut short was writing. */
  readonly drafts: readonly string[];
  /** Locks of further writers, live or not. */
  readonly locks: readonly string[];
};

const EXTENSION = '.ndjson';
export const DRAFT = '.erasing';

const MEMBER = /^(\.w-[0-9a-f]{16})?(\.[0-9]{6,12})?(\.disclosures)?\.ndjson(\.erasing)?$/;

/** By name alone: disclosures are found also where the ledger file beside them is not. */
export function familyFiles({ directory, active, writer }: Family): FamilyFiles {
  const stem = basename(active, EXTENSION);
  const ledgers: string[] = [];
  const disclosures: string[] = [];
  const drafts: string[] = [];
  const writers = new Set<string>();
  for (const name of readdirSync(directory).sort()) {
    const found = name.startsWith(stem) ? MEMBER.exec(name.slice(stem.length)) : null;
    if (found === null) continue;
    const [, further, , isDisclosures, isDraft] = found;
    if (further !== undefined) writers.add(further.slice('.w-'.length));
    const list = isDraft ? drafts : isDisclosures ? disclosures : ledgers;
    if (!isDraft || isDisclosures) list.push(join(directory, name));
  }
  return { ledgers, disclosures, drafts, locks: [...writers].map((id) => writer(id).lock) };
}
