import { type NoteKey, parseVerifierKey, type SignatureType } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { CliError } from '../../cli-error.ts';
import { readBounded } from '../../ledger/read-bounded.ts';

const MAX_BYTES = 1 << 20;
const KEY = /^[^\s+]+\+[0-9a-f]{8}\+\S+$/;

const KINDS = {
  ed25519: 'the verifier key of a log (type 1)',
  cosignatureEd25519: 'the verifier key of a witness (type 4, Ed25519)',
  cosignatureMlDsa44: 'the verifier key of a witness (type 6, ML-DSA-44)',
} as const satisfies Record<SignatureType, string>;

type Wanted = { readonly types: readonly SignatureType[]; readonly called: string };

const LOG: Wanted = { types: ['ed25519'], called: KINDS.ed25519 };
const WITNESS: Wanted = {
  types: ['cosignatureEd25519', 'cosignatureMlDsa44'],
  called: 'the verifier key of a witness (type 4 or 6)',
};

export const parseLogKeys = (texts: readonly string[]): NoteKey[] =>
  texts.flatMap((text) => parseKeys('--vkey', text, LOG));

export const parseWitnessKeys = (texts: readonly string[]): NoteKey[] =>
  texts.flatMap((text) => parseKeys('--witness', text, WITNESS));

/** @param text a key itself, or a file that holds keys, one a line; empty lines and `#` are passed over. */
function parseKeys(option: string, text: string, wanted: Wanted): NoteKey[] {
  if (KEY.test(text)) return [requireType(parse(text, option), wanted, option)];
  const keys = readVerifierKeys(text);
  if (keys === undefined)
    throw new CliError(
      `${option} wants a verifier key (NAME+KEYID+BASE64) or a file of them, and ${text} is neither.`,
    );
  if (keys.length === 0)
    throw new CliError(`${text} holds no verifier key; ${option} wants one a line.`);
  return keys.map((key) => requireType(key, wanted, text));
}

/**
 * The keys of a file; undefined if there is none.
 * @throws {CliError} naming file and line.
 */
export function readVerifierKeys(file: string): NoteKey[] | undefined {
  const bytes = readBounded(file, MAX_BYTES);
  if (bytes === undefined) return undefined;
  if (bytes === 'over') throw new CliError(`${file} is over 1 MiB; that is no file of keys.`);
  return bytes
    .toString('utf8')
    .split(/\r?\n/)
    .flatMap((line, at) => {
      const text = line.trim();
      return text === '' || text.startsWith('#') ? [] : [parse(text, `${file}:${at + 1}`)];
    });
}

function parse(text: string, where: string): NoteKey {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    if (error instanceof TlogError) throw new CliError(`${where}: ${error.message}.`);
    throw error;
  }
}

function requireType(key: NoteKey, { types, called }: Wanted, where: string): NoteKey {
  if (types.includes(key.type)) return key;
  throw new CliError(`${where}: that is ${KINDS[key.type]}; wanted is ${called}.`);
}
