import { readFileSync } from 'node:fs';
import type { NoteVerifier } from '@vantio/schema/tlog/note';
import { createNoteVerifier, type NoteKey, parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { CliError, systemCode } from '../cli-error.ts';

/** A log's key as it was pinned, and what checks its signatures. */
export type LogKey = NoteVerifier & { readonly vkey: string; readonly key: NoteKey };

/**
 * Keys of logs from a file that a user pinned: verifier keys, one a line, `#` starts a comment.
 * @throws {CliError} naming file and line.
 */
export function readLogKeys(file: string): readonly LogKey[] {
  const keys = readText(file)
    .split('\n')
    .map((line, index) => ({ line: line.trim(), where: `${file}:${index + 1}` }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, where }) => logKeyOf(line, where));
  if (keys.length === 0)
    throw new CliError(`${file} holds no verifier key; it is the .vkey file of the log.`);
  return keys;
}

function logKeyOf(vkey: string, where: string): LogKey {
  try {
    const key = parseVerifierKey(vkey);
    return { ...createNoteVerifier(key), vkey, key };
  } catch (error) {
    if (error instanceof TlogError) throw new CliError(`${where}: ${error.message}.`);
    throw error;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(
      `verifier key ${file} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}
