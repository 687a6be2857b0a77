import type { ImportEntry } from '@vantio/functions/cloud';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import { readSoundLines, type SoundLine } from './read-sound-lines.ts';
import type { SoundLedger } from './require-sound.ts';

/** The lines of a verified ledger as rows, in file order. @throws {CliError} as `readSoundLines`. */
export function* readEntries(
  files: readonly LedgerFile[],
  apiKeys: readonly string[],
  sound: Pick<SoundLedger, 'lines' | 'sealers'>,
): Generator<ImportEntry> {
  for (const line of readSoundLines(files, apiKeys, sound)) yield entryOf(line);
}

export function entryOf({ parsed, chain, disclosures }: SoundLine): ImportEntry {
  const { receivedAt } = parsed;
  const rows = ledgerRows({ ...parsed, disclosures }, receivedAt);
  const { TenantId, TraceId, EventId, RecordHash } = rows.ledger;
  return {
    rows,
    line: {
      TenantId,
      ChainId: chain.id,
      LineNumber: chain.lines,
      ReceivedMac: parsed.receivedMac,
      TraceId,
      EventId,
      RecordHash,
      ReceivedAt: receivedAt,
    },
  };
}
