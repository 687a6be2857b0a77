import type { LedgerLine } from '../../ledger-line.ts';
import { areRevoked, type KeyTerm, termsOf } from '../../tlog/key-terms.ts';
import { parseNote } from '../../tlog/note.ts';
import { keyIdOf, type NoteKey } from '../../tlog/note-keys.ts';
import { openRotation, type Rotation } from '../../tlog/rotation.ts';
import { TlogError } from '../../tlog/tlog-error.ts';
import type { Place } from '../finding.ts';
import type { HeadFile } from './heads.ts';
import { type LogFiles, MAX_NOTE_BYTES, type Report } from './log-files.ts';
import type { LogKeys, SignedHead } from './signed-head.ts';

/** A key of a log that has handed over or was revoked, or taken over from one. */
export type KeySummary = {
  readonly keyId: string;
  /** Sizes of the trees that it signs; `last` is undefined while it is in charge. */
  readonly first: number;
  readonly last?: number;
  /** Index of the record that revokes it. */
  readonly revokedAt?: number;
};

type Revocation = { readonly index: number; readonly receivedAt: string };
type Recorded = {
  readonly index: number;
  readonly from: string;
  readonly to: string;
  readonly place: Place;
};
type Opened = { readonly path: string; readonly rotation: Rotation; readonly head: HeadFile };

/** Follows a log's keys from those that were pinned, and holds what their rotations say to the records of the ledger. */
export function openHandovers({ keys, isPinned }: LogKeys, files: LogFiles, report: Report) {
  const revoked = new Map<string, Revocation>();
  const recorded: Recorded[] = [];
  const fault = (path: string, message: string): void =>
    report({ check: 'log_checkpoint', severity: 'wrong', file: files.nameOf(path), message });

  const open = (path: string): Opened | undefined => {
    const bytes = files.read(path, MAX_NOTE_BYTES);
    if (bytes === undefined) return undefined;
    try {
      if (bytes === 'over') throw new TlogError('bad_note', `is over ${MAX_NOTE_BYTES} bytes`);
      const text = Buffer.from(bytes).toString('utf8');
      const rotation = openRotation(text);
      const head: SignedHead = { ...rotation.head, note: parseNote(text), signers: [] };
      return { path, rotation, head: { file: files.nameOf(path), head } };
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      fault(path, error.message);
      return undefined;
    }
  };

  /** Only what goes on from the notes before counts: the chain ends where one does not hold. */
  const follow = (): { notes: readonly Opened[]; terms: readonly KeyTerm[] } => {
    const notes: Opened[] = [];
    let terms = termsOf(keys, []);
    // Without a key that was named nobody knows who signed, whoever hands over to whom.
    while (keys.length > 0) {
      const note = open(`rotations/${notes.length + 1}`);
      if (note === undefined) break;
      try {
        terms = termsOf(
          keys,
          [...notes, note].map(({ rotation }) => rotation),
        );
        notes.push(note);
      } catch (error) {
        if (!(error instanceof TlogError)) throw error;
        fault(note.path, error.message);
        break;
      }
    }
    return { notes, terms };
  };
  const { notes, terms } = follow();
  const ids = new Set(terms.map(({ keyId }) => keyId));

  const holdRecords = (): void => {
    const isOf = (
      { rotation: { from, to, head } }: Opened,
      { index, ...record }: Recorded,
    ): boolean => index < head.size && record.from === keyIdOf(from) && record.to === keyIdOf(to);
    for (const note of notes)
      if (!recorded.some((record) => isOf(note, record)))
        fault(note.path, 'hands over to a key, and no record of the tree before it says so');
    for (const record of recorded)
      if (ids.has(record.from) && !ids.has(record.to))
        report({
          check: 'log_checkpoint',
          severity: 'unmeasured',
          message: `key ${record.from} is to hand over to ${record.to}, and no note of both keys does: ${record.to} is not followed`,
          ...record.place,
        });
  };

  return {
    terms,
    heads: notes.map(({ head }) => head),
    /** Whom the log's keys are, for receipts. */
    keys: terms.map(({ key }): NoteKey => key),
    isPinned,
    /**
     * A sealed line. What the control plane says of the log's keys counts; an emitter, which may call itself `cli`, has nothing
     * to say of them.
     */
    see: ({ record, receivedAt }: LedgerLine, index: number, place: Place): void => {
      if (record.source !== 'control_plane') return;
      const { event_type: type, signer_id: from = '', next_signer_id: to = '' } = record;
      if (type === 'signer_rotated') recorded.push({ index, from, to, place });
      if (type === 'signer_revoked' && ids.has(from) && !revoked.has(from))
        revoked.set(from, { index, receivedAt });
    },
    /** Whether all that signed a checkpoint had been revoked by records of its own tree. */
    holdHead: ({ file, head }: HeadFile): void => {
      const { signers, size } = head;
      if (!areRevoked(signers, size, (keyId) => revoked.get(keyId)?.index)) return;
      report({
        check: 'log_checkpoint',
        severity: 'wrong',
        file,
        message: `is signed by ${signers.map(({ keyId }) => keyId).join(' and ')} alone, which the log revoked before it`,
      });
    },
    /** When a key was revoked; undefined: it was not. */
    revokedAt: (keyId: string): string | undefined => revoked.get(keyId)?.receivedAt,
    holdRecords,
    summaries: (): readonly KeySummary[] =>
      notes.length + revoked.size === 0
        ? []
        : terms.map(({ keyId, first, last }) => {
            const at = revoked.get(keyId)?.index;
            return {
              keyId,
              first,
              ...(Number.isFinite(last) ? { last } : {}),
              ...(at === undefined ? {} : { revokedAt: at }),
            };
          }),
  };
}

export type Handovers = ReturnType<typeof openHandovers>;
