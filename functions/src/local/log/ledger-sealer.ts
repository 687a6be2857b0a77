import { setImmediate } from 'node:timers/promises';
import { openSealer, type Sealer, type SealerOptions } from '../../log/sealer.ts';
import type { LedgerPlace } from '../ndjson/store.ts';
import { findPlace, notePlace } from './find-place.ts';
import { type LedgerView, linesFrom } from './ledger-lines.ts';

/** A sealer, and where in the ledger the next leaf is. */
type Position = { readonly sealer: Sealer; place: LedgerPlace };

/**
 * Brings the log up to the end of the ledger, each time it is told to. After a failure it looks at the disk again.
 * One call at a time.
 * @returns the call, which throws what the sealer and the file system throw.
 */
export function createLedgerSealer(parts: SealerOptions, ledger: LedgerView) {
  let position: Position | undefined;

  const open = async (): Promise<Position> => {
    const sealer = await openSealer(parts);
    return { sealer, place: await findPlace(parts.files, ledger, sealer.size()) };
  };

  return async (): Promise<void> => {
    const at = position ?? (await open());
    position = undefined;
    for (const { lines, next } of linesFrom(ledger, at.place)) {
      await at.sealer.append(lines);
      at.place = next;
      // A group takes milliseconds: who waits for an answer goes first.
      await setImmediate();
    }
    await at.sealer.publish();
    await notePlace(parts.files, at.sealer.size(), at.place);
    position = at;
  };
}
