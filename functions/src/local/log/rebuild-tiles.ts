import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { readLastCheckpoint } from '../../log/read-log.ts';
import { openSealer, type SealerOptions } from '../../log/sealer.ts';
import { START } from './find-place.ts';
import { type LedgerView, linesFrom } from './ledger-lines.ts';

/**
 * Makes the tiles of the last checkpoint again from the ledger's lines; the damaged ones are put aside, as
 * `tile.damaged-MILLIS`.
 * @throws {TlogError} `inconsistent` if the lines do not make the root that was signed: then the ledger was changed.
 */
export async function rebuildTiles(
  parts: SealerOptions,
  directory: string,
  ledger: LedgerView,
): Promise<void> {
  const { files, verifier } = parts;
  const signed = await readLastCheckpoint(files, verifier);
  const size = signed?.size ?? 0;
  await rename(join(directory, 'tile'), join(directory, `tile.damaged-${Date.now()}`)).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    },
  );
  const blank = {
    ...files,
    read: async (path: string) => (path === 'checkpoint' ? undefined : files.read(path)),
  };
  const sealer = await openSealer({ ...parts, files: blank });
  for (const { lines } of linesFrom(ledger, START)) {
    await sealer.append(lines.slice(0, size - sealer.size()));
    if (sealer.size() === size) break;
  }
  await sealer.flush();
  if (sealer.size() < size)
    throw new TlogError(
      'inconsistent',
      `the ledger has fewer lines than the ${size} that were sealed`,
    );
  // Holds the new tiles to the root that was signed.
  await openSealer(parts);
}
