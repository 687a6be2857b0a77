import { parseLedgerLine } from '@vantio/schema';
import { START } from '../log/find-place.ts';
import { type LedgerView, linesFrom } from '../log/ledger-lines.ts';

/** A record of the ledger on a key of its log, and its index. */
export type SignerRecord = {
  readonly type: 'signer_rotated' | 'signer_revoked';
  readonly index: number;
  readonly keyId: string;
  /** Of a rotation. */
  readonly nextKeyId: string | undefined;
};

const MARK = Buffer.from('"event_type":"signer_r');

/** Looks through a whole ledger. @throws {EnvelopeError} for such a line that is none of a ledger. */
export function* signerRecords(ledger: LedgerView): Iterable<SignerRecord> {
  let index = 0;
  for (const { lines } of linesFrom(ledger, START))
    for (const line of lines) {
      const at = index++;
      if (!Buffer.from(line.buffer, line.byteOffset, line.length).includes(MARK)) continue;
      const { record } = parseLedgerLine(Buffer.from(line).toString('latin1'));
      const { event_type: type, source, signer_id: keyId, next_signer_id: nextKeyId } = record;
      if (source !== 'control_plane' || keyId === undefined) continue;
      if (type === 'signer_rotated' || type === 'signer_revoked')
        yield { type, index: at, keyId, nextKeyId };
    }
}
