import { readSoundLines } from '../../import/read-sound-lines.ts';
import { requireSound } from '../../import/require-sound.ts';
import { ledgerFamily } from '../../ledger/ledger-family.ts';
import { readKeyFiles } from '../../ledger/read-key-files.ts';
import type { Source } from '../form.ts';

/** What a form is given of a ledger. @param args of `vantio convert`: a file, and its key files. */
export function soundSource([file = '', ...options]: readonly string[]): Source {
  const files = ledgerFamily(file);
  const keys = readKeyFiles(options.filter((option) => option !== '--key-file'));
  const sound = requireSound(files, keys, new Set());
  const lines = () => readSoundLines(files, keys, sound);
  return { files, outcome: sound.outcome, accepted: [], lines, records: lines };
}
