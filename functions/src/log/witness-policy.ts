import { type NoteKey, parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';

/** Whose cosignatures a log takes, and how many of them make a checkpoint a witnessed one. */
export type WitnessPolicy = { readonly witnesses: readonly NoteKey[]; readonly quorum: number };

const QUORUM = /^quorum ([1-9][0-9]{0,2})$/;

/**
 * Reads the log's file `witnesses`: a verifier key a line, and at most one line `quorum N`; without it one witness is enough.
 * @throws {TlogError} for a line that is neither, or a quorum that its witnesses cannot reach.
 */
export function parseWitnessPolicy(text: string): WitnessPolicy {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const quorums = lines.flatMap((line) => QUORUM.exec(line)?.[1] ?? []).map(Number);
  const witnesses = lines.filter((line) => !QUORUM.test(line)).map(parseVerifierKey);
  const [quorum = 1, ...more] = quorums;
  if (more.length > 0 || (quorums.length > 0 && quorum > witnesses.length))
    throw new TlogError(
      'bad_key',
      'the log’s witnesses want one quorum, of no more witnesses than are named',
    );
  return { witnesses, quorum };
}
