import { readSoundLines, type SoundLine } from '../../import/read-sound-lines.ts';
import { requireSound } from '../../import/require-sound.ts';
import { ledgerFamily } from '../../ledger/ledger-family.ts';
import { readKeyFiles } from '../../ledger/read-key-files.ts';
import type { WideLedger } from './wide-ledger.ts';

/** What a form is given of a ledger. */
export function soundLines({ file, args }: Pick<WideLedger, 'file' | 'args'>): Iterable<SoundLine> {
  const files = ledgerFamily(file);
  const keys = readKeyFiles(args.slice(2));
  return readSoundLines(files, keys, requireSound(files, keys, new Set()));
}
