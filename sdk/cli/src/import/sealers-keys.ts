import { receivedMac, ZERO_HASH } from '@vantio/schema';
import { isAboutLogKeys, unkeptReceivedKey } from '@vantio/schema/unkept-key';
import { createKeyRing } from '@vantio/schema/verify/key-ring';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import { MAX_LINE_BYTES } from '../ledger/max-line-bytes.ts';
import { readLines } from '../ledger/read-lines.ts';
import { parsedLine } from './parsed-line.ts';

/** Where the lines of each key stand, as `file:line`. */
export type SealersKeys = ReadonlyMap<string, readonly string[]>;

/**
 * Keys that nobody keeps, of the sealer's records about a log's own keys (log.md 6): those that were not named, whose lines are all of
 * that kind, and chained as an export does it for want of a key. Whoever can write the files can add such lines at their end: what is
 * found here is left out, and never taken.
 */
export function sealersKeys(files: readonly LedgerFile[], apiKeys: readonly string[]): SealersKeys {
  const named = createKeyRing(apiKeys);
  const unkept = unkeptReceivedKey();
  const heads = new Map<string, string>();
  const found = new Map<string, string[]>();
  const others = new Set<string>();
  for (const { path, writer } of files)
    for (const line of readLines(path, { maxBytes: MAX_LINE_BYTES })) {
      const parsed = line.kind === 'text' ? parsedLine(line.text) : undefined;
      if (parsed === undefined) continue;
      const { record, receivedAt, mac } = parsed;
      const previous = heads.get(writer) ?? ZERO_HASH;
      heads.set(writer, parsed.receivedMac);
      const { key_id } = record;
      if (named.has(key_id)) continue;
      const isSealers =
        isAboutLogKeys(record) &&
        parsed.receivedMac === receivedMac({ key: unkept, previous, receivedAt, recordMac: mac });
      if (isSealers) found.set(key_id, [...(found.get(key_id) ?? []), `${path}:${line.number}`]);
      else others.add(key_id);
    }
  for (const key of others) found.delete(key);
  return found;
}

/** What a user is told of the lines that were left out; undefined if there were none. */
export function leftOutNote(sealers: SealersKeys): string | undefined {
  const lines = [...sealers.values()].flat();
  if (lines.length === 0) return undefined;
  return `${lines.length} lines left out, from ${lines[0]} on: what the sealer says of the log's own keys, under keys that nobody keeps. The log of what was exported vouches for them.`;
}
