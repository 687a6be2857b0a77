import { type Cosignature, readCosignature } from '../../tlog/cosignature.ts';
import { type Note, type NoteSignature, parseSignatureLine } from '../../tlog/note.ts';
import { keyIdOf, type NoteKey } from '../../tlog/note-keys.ts';
import { TlogError } from '../../tlog/tlog-error.ts';
import { type LogFiles, MAX_NOTE_BYTES, type Report } from './log-files.ts';

export type WitnessSummary = {
  readonly name: string;
  readonly keyId: string;
  /** Cosignatures that hold. */
  readonly cosignatures: number;
  /** Those that this runtime cannot check. */
  readonly unmeasuredCosignatures: number;
  /** The largest tree that it cosigned, and when: seconds since the epoch. */
  readonly size?: number;
  readonly time?: number;
};

/** Holds the cosignatures of pinned witnesses to their keys. Lines of others are nobody's word, and are passed over. */
export function createWitnesses(pinned: readonly NoteKey[], files: LogFiles, report: Report) {
  const witnesses = pinned.map((key) => ({
    key,
    keyId: keyIdOf(key),
    cosignatures: 0,
    unmeasuredCosignatures: 0,
    newest: undefined as { readonly size: number; readonly time: number } | undefined,
  }));

  const fault = (file: string, message: string): void =>
    report({ check: 'log_cosignature', severity: 'wrong', file, message });

  const linesBeside = (path: string): readonly NoteSignature[] => {
    const bytes = files.read(path, MAX_NOTE_BYTES);
    if (bytes === undefined) return [];
    if (bytes === 'over') {
      fault(files.nameOf(path), `is over ${MAX_NOTE_BYTES} bytes`);
      return [];
    }
    const lines = Buffer.from(bytes).toString('utf8').split('\n');
    if (lines.pop() !== '') fault(files.nameOf(path), 'does not end in a newline');
    return lines.flatMap((line, at) => {
      try {
        return [parseSignatureLine(line)];
      } catch (error) {
        if (!(error instanceof TlogError)) throw error;
        fault(files.nameOf(path), `line ${at + 1} is not a signature line`);
        return [];
      }
    });
  };

  const read = (
    file: string,
    text: string,
    lines: readonly NoteSignature[],
    size: number,
  ): readonly Cosignature[] =>
    lines.flatMap((line) => {
      const witness = witnesses.find(
        ({ key, keyId }) => line.name === key.name && line.keyId === keyId,
      );
      if (witness === undefined) return [];
      try {
        const cosignature = readCosignature(text, line, witness.key);
        witness.cosignatures++;
        const { newest } = witness;
        const { time } = cosignature;
        // It says nothing of when: it witnesses nothing.
        if (time === 0) return [];
        // Of two for one tree the earlier: it is the stronger word on when the tree was there.
        if (!newest || size > newest.size || (size === newest.size && time < newest.time))
          witness.newest = { size, time };
        return [cosignature];
      } catch (error) {
        if (!(error instanceof TlogError)) throw error;
        if (error.code !== 'unmeasured') fault(file, error.message);
        else if (witness.unmeasuredCosignatures++ === 0)
          report({
            check: 'log_cosignature',
            severity: 'unmeasured',
            file,
            message: error.message,
          });
        return [];
      }
    });

  return {
    /** Those that a checkpoint itself carries. */
    inNote: (file: string, note: Note, size: number) =>
      read(file, note.text, note.signatures, size),
    /** Those that lie beside it. */
    beside: (text: string, size: number) => {
      const path = `cosignatures/${size}`;
      return read(files.nameOf(path), text, linesBeside(path), size);
    },
    summaries: (): readonly WitnessSummary[] =>
      witnesses.map(({ key: { name }, keyId, cosignatures, unmeasuredCosignatures, newest }) => ({
        name,
        keyId,
        cosignatures,
        unmeasuredCosignatures,
        ...newest,
      })),
  };
}
