import { parseLedgerLine } from '@vantio/schema';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { START } from './find-place.ts';
import { type LedgerView, linesFrom } from './ledger-lines.ts';

/**
 * Name of the log over a ledger, from the MAC of its first line: no other ledger has it, and none can be made to have it.
 * @throws {TlogError}
 */
export function readOrigin(ledger: LedgerView): string {
  for (const { lines } of linesFrom(ledger, START)) {
    const line = Buffer.from(lines[0] ?? []).toString('latin1');
    return `vantio.local/${parseLedgerLine(line).receivedMac.slice(0, 32)}`;
  }
  throw new TlogError('bad_index', 'the ledger has no line to be named after');
}
