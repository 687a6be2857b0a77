import { isUtf8 } from 'node:buffer';
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
  /** The largest tree that it cosigned, and when: seconds since the epoch. */
  readonly size?: number;
  readonly time?: number;
};

type Line = { readonly signature: NoteSignature; readonly at?: number };

/** Holds the cosignatures of pinned witnesses to their keys. Lines of others are nobody's word, and are passed over. */
export function createWitnesses(pinned: readonly NoteKey[], files: LogFiles, report: Report) {
  const witnesses = pinned.map((key) => ({
    key,
    keyId: keyIdOf(key),
    cosignatures: 0,
    isUnmeasured: false,
    newest: undefined as { readonly size: number; readonly time: number } | undefined,
  }));

  const fault = (file: string, message: string, line?: number): void =>
    report({
      check: 'log_cosignature',
      severity: 'wrong',
      file,
      message,
      ...(line === undefined ? {} : { line }),
    });

  const linesBeside = (path: string): readonly Line[] => {
    if (witnesses.length === 0) return [];
    const bytes = files.read(path, MAX_NOTE_BYTES);
    if (bytes === undefined) return [];
    if (bytes === 'over') {
      fault(files.nameOf(path), `is over ${MAX_NOTE_BYTES} bytes`);
      return [];
    }
    if (!isUtf8(bytes)) {
      fault(files.nameOf(path), 'is not UTF-8');
      return [];
    }
    const lines = Buffer.from(bytes).toString('utf8').split('\n');
    if (lines.pop() !== '') fault(files.nameOf(path), 'does not end in a newline');
    return lines.flatMap((line, at) => {
      try {
        return [{ signature: parseSignatureLine(line), at: at + 1 }];
      } catch (error) {
        if (!(error instanceof TlogError)) throw error;
        fault(files.nameOf(path), 'the line is not a signature line', at + 1);
        return [];
      }
    });
  };

  const signerOf = ({ name, keyId }: NoteSignature) =>
    witnesses.find((witness) => name === witness.key.name && keyId === witness.keyId);

  const read = (
    file: string,
    text: string,
    lines: readonly Line[],
    size: number,
  ): readonly Cosignature[] =>
    lines.flatMap(({ signature, at }) => {
      const witness = signerOf(signature);
      if (witness === undefined) return [];
      try {
        const cosignature = readCosignature(text, signature, witness.key);
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
        if (error.code !== 'unmeasured') fault(file, error.message, at);
        else if (!witness.isUnmeasured)
          report({
            check: 'log_cosignature',
            severity: 'unmeasured',
            file,
            ...(at === undefined ? {} : { line: at }),
            message: error.message,
          });
        witness.isUnmeasured ||= error.code === 'unmeasured';
        return [];
      }
    });

  return {
    /** Those that a checkpoint itself carries. */
    inNote: (file: string, note: Note, size: number) =>
      read(
        file,
        note.text,
        note.signatures.map((signature) => ({ signature })),
        size,
      ),
    /** Those that lie beside it. */
    beside: (text: string, size: number) => {
      const path = `cosignatures/${size}`;
      return read(files.nameOf(path), text, linesBeside(path), size);
    },
    /** Those of a tree that is larger than the log: its checkpoint is nowhere, so that nobody can say whether they hold. */
    beyond: (size: number, last: number): void => {
      const path = `cosignatures/${size}`;
      for (const { signature, at } of linesBeside(path))
        if (signerOf(signature))
          fault(
            files.nameOf(path),
            `${signature.name} cosigned a tree of ${size} leaves, and the newest checkpoint here has ${last}: the log was cut back, or a checkpoint was taken away`,
            at,
          );
    },
    summaries: (): readonly WitnessSummary[] =>
      witnesses.map(({ key: { name }, keyId, cosignatures, newest }) => ({
        name,
        keyId,
        cosignatures,
        ...newest,
      })),
  };
}
