import { TlogError } from './tlog-error.ts';

/** Text and signature lines of a signed note (C2SP signed-note), nothing of it verified. */
export type Note = {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
};

export type NoteSignature = {
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  /** What follows the key id. */
  readonly bytes: Uint8Array;
  /** The line as it stands, without its newline. */
  readonly line: string;
};

/** One who can check signatures under one name and key id. */
export type NoteVerifier = {
  readonly name: string;
  readonly keyId: string;
  readonly verify: (text: string, signature: Uint8Array) => boolean;
};

export type NoteSigner = {
  readonly name: string;
  readonly keyId: string;
  readonly sign: (text: string) => Promise<Uint8Array> | Uint8Array;
};

const MAX_NOTE_CHARACTERS = 1_000_000;
const MAX_SIGNATURES = 100;
const KEY_ID_BYTES = 4;
/** Unicode spaces, and the plus that parts a verifier key. */
const NOT_IN_NAMES = /[\p{White_Space}+]/u;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const CONTROL = /[\0-\x09\x0b-\x1f]/;

export const isKeyName = (name: string): boolean =>
  name !== '' && name.isWellFormed() && !NOT_IN_NAMES.test(name);

/** Standard base64 (RFC 4648, section 4) in its one canonical form; undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

export const encodeBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * Takes a note apart. It may be an attacker's.
 * @throws {TlogError}
 */
export function parseNote(note: string): Note {
  if (note.length > MAX_NOTE_CHARACTERS)
    throw new TlogError('bad_note', `the note is over ${MAX_NOTE_CHARACTERS} characters`);
  if (!note.isWellFormed()) throw new TlogError('bad_note', 'the note is not valid UTF-8');
  if (CONTROL.test(note))
    throw new TlogError(
      'bad_note',
      'the note has a control character, such as the CR of a CRLF: its lines end in LF alone',
    );
  const at = note.lastIndexOf('\n\n');
  if (at === -1 || !note.endsWith('\n'))
    throw new TlogError('bad_note', 'the note has no empty line before its signatures');
  const lines = note.slice(at + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES)
    throw new TlogError('bad_note', `the note has over ${MAX_SIGNATURES} signature lines`);
  return { text: note.slice(0, at + 1), signatures: lines.map(parseSignatureLine) };
}

/** @throws {TlogError} */
export function parseSignatureLine(line: string): NoteSignature {
  const [dash, name = '', base64 = '', ...rest] = line.split(' ');
  const bytes = decodeBase64(base64);
  if (
    dash !== '—' ||
    !isKeyName(name) ||
    rest.length > 0 ||
    bytes === undefined ||
    bytes.length <= KEY_ID_BYTES
  )
    throw new TlogError('bad_note', 'a line after the last empty one is not a signature line');
  return {
    name,
    keyId: Buffer.from(bytes.subarray(0, KEY_ID_BYTES)).toString('hex'),
    bytes: bytes.subarray(KEY_ID_BYTES),
    line,
  };
}

export const signatureLine = (
  { name, keyId }: Pick<NoteSigner, 'name' | 'keyId'>,
  signature: Uint8Array,
): string => `— ${name} ${encodeBase64(Buffer.concat([Buffer.from(keyId, 'hex'), signature]))}`;

/** @param text ends in a newline. */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<string> {
  const lines = await Promise.all(
    signers.map(async (signer) => signatureLine(signer, await signer.sign(text))),
  );
  return `${text}\n${lines.join('\n')}\n`;
}

/**
 * Who of `verifiers` signed a note. Signatures of others are ignored.
 * @throws {TlogError} if a signature of one of them does not hold.
 */
export function verifyNote<Verifier extends NoteVerifier>(
  { text, signatures }: Note,
  verifiers: readonly Verifier[],
): readonly Verifier[] {
  return verifiers.filter((verifier) => {
    const theirs = signatures.filter(
      ({ name, keyId }) => name === verifier.name && keyId === verifier.keyId,
    );
    if (theirs.some(({ bytes }) => !verifier.verify(text, bytes)))
      throw new TlogError('bad_signature', 'a signature of a known key does not hold');
    return theirs.length > 0;
  });
}
