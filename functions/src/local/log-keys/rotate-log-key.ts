import { signNote } from '@vantio/schema/tlog/note';
import {
  createNoteSigner,
  keyIdOf,
  type NoteKey,
  rawPublicKey,
} from '@vantio/schema/tlog/note-keys';
import { rotationText } from '@vantio/schema/tlog/rotation';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { readLastCheckpoint } from '../../log/read-log.ts';
import { rotationPath } from '../../log/read-rotations.ts';
import { hasNextLogKey, openNextLogKey } from '../keys/log-key.ts';
import { createLedgerSealer } from '../log/ledger-sealer.ts';
import { openLogIdentity } from '../log/log-identity.ts';
import { type LogParts, openLogParts } from '../log/open-local-log.ts';
import { signerRecords } from './signer-records.ts';
import { type HeldLedger, type LedgerOptions, withLedger } from './with-ledger.ts';

export type RotateStep = 'made' | 'recorded' | 'sealed' | 'handed over' | 'in charge';

export type RotateOptions = LedgerOptions & {
  /** Machine-readable, in the alphabet of `reason_code`. */
  readonly reasonCode?: string;
  /** Told of each step when it is done. */
  readonly onStep?: (step: RotateStep) => void;
};

export type Rotated = {
  readonly origin: string;
  readonly keyId: string;
  readonly nextKeyId: string;
  /** Of the tree at which one handed over to the other. */
  readonly size: number;
};

/**
 * The key of a log makes a record of the next one, signs a tree that holds it together with that one, and hands over by a note
 * of both. Whatever cuts this short, the log is signed by one of them, and the same call again goes on from there.
 * @throws {LogKeysError | EraseError | StateDirError | TlogError}
 */
export const rotateLogKey = (options: RotateOptions): Promise<Rotated> =>
  withLedger(options, async (held) => {
    const { stateDir, log, onStep = () => {} } = options;
    const { family, store } = held;
    const parts = await openLogParts({ family, stateDir, ledger: store, log });
    const { origin, files, keys } = parts;
    const wasBegun = hasNextLogKey(stateDir, origin);
    const nextKey = openNextLogKey(stateDir, origin);
    const from = keys.at(-1) as NoteKey;
    const to: NoteKey = { name: origin, type: 'ed25519', publicKey: rawPublicKey(nextKey) };
    const ids = { keyId: keyIdOf(from), nextKeyId: keyIdOf(to) };
    onStep('made');
    await record(held, ids, wasBegun, options.reasonCode);
    onStep('recorded');
    const nextSigner = createNoteSigner(origin, nextKey);
    const head = await sealByBoth({ ...parts, nextSigner }, held);
    onStep('sealed');
    const note = await signNote(rotationText({ head, from, to }), [parts.signer, nextSigner]);
    const path = rotationPath(parts.rotations + 1);
    await files.writeOnce([{ path, bytes: Buffer.from(note) }]);
    onStep('handed over');
    await openLogIdentity({ origin, stateDir, files, verifierKeyFile: family.verifierKey });
    onStep('in charge');
    return { origin, ...ids, size: head.size };
  });

async function record(
  { store, say }: HeldLedger,
  { keyId, nextKeyId }: Pick<Rotated, 'keyId' | 'nextKeyId'>,
  wasBegun: boolean,
  reasonCode: string | undefined,
): Promise<void> {
  if (wasBegun)
    for (const found of signerRecords(store))
      if (found.keyId === keyId && found.nextKeyId === nextKeyId) return;
  await say({
    event_type: 'signer_rotated',
    action_taken: 'RECORDED',
    signer_id: keyId,
    next_signer_id: nextKeyId,
    ...(reasonCode === undefined ? {} : { reason_code: reasonCode }),
  });
}

/** @returns the tree that both have signed, which holds the record. */
async function sealByBoth(parts: LogParts, { store }: HeldLedger) {
  await createLedgerSealer(parts, store)();
  const { files, verifier, nextSigner } = parts;
  const sealed = await readLastCheckpoint(files, verifier);
  const isByBoth = sealed?.note.signatures.some(({ keyId }) => keyId === nextSigner?.keyId);
  if (sealed === undefined || !isByBoth)
    throw new TlogError('inconsistent', 'the newest checkpoint is not signed by both keys');
  return sealed;
}
