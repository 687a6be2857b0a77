import type { BuiltInEntity } from '../entity.ts';

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
const dniLetter = (number: number): string | undefined => DNI_LETTERS[number % 23];

const SHAPES: readonly {
  readonly sizes: readonly number[];
  readonly shape: RegExp;
  readonly of: (word: string) => BuiltInEntity | undefined;
}[] = [
  {
    sizes: [9],
    shape: /^\d{8}[A-Z]$/,
    of: (word) => (dniLetter(Number(word.slice(0, 8))) === word[8] ? 'es_dni' : undefined),
  },
  {
    sizes: [9],
    shape: /^[XYZ]\d{7}[A-Z]$/,
    of: (word) =>
      dniLetter(Number(`${word.charCodeAt(0) - 88}${word.slice(1, 8)}`)) === word[8]
        ? 'es_nie'
        : undefined,
  },
  {
    sizes: [9],
    shape: /^(?:(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]|ZZ\d{6}T)$/,
    of: () => 'uk_nino',
  },
  {
    sizes: [16],
    shape: /^[A-Z]{6}[\dL-V]{2}[A-EHLMPRST][\dL-V]{2}[A-Z][\dL-V]{3}[A-Z]$/,
    of: (word) => (isCodiceFiscale(word) ? 'it_codice_fiscale' : undefined),
  },
  {
    sizes: [8, 9],
    shape: /^\d{7}[A-W][A-IW]?$/,
    of: (word) => (isPps(word) ? 'eu_national_id' : undefined),
  },
  {
    sizes: [11],
    shape: /^[0-3]\d[01]\d\d\d[A-FYXWVU+-]\d{3}[\dA-FHJ-NPR-Y]$/,
    of: (word) => (isFinnish(word) ? 'eu_national_id' : undefined),
  },
];

/** @param word without gaps; lower case is taken for upper. */
export function nationalWord(word: string): BuiltInEntity | undefined {
  if (word.length < 8 || word.length > 16) return undefined;
  if (word.length !== 16 && word.length !== 11 && word.length > 9) return undefined;
  const upper = word.toUpperCase();
  for (const { sizes, shape, of } of SHAPES)
    if (sizes.includes(word.length) && shape.test(upper)) return of(upper);
  return undefined;
}

/** The NINO that HMRC gives out as an example, and its like: prefixes that are in no one's. */
export const EXAMPLE_NINO = /^[A-Z]{2}\d{6}[A-D]$/i;

const ODD = '1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23'
  .split(' ')
  .map(Number);

function isCodiceFiscale(word: string): boolean {
  let sum = 0;
  for (let at = 0; at < 15; at++) {
    const code = word.charCodeAt(at);
    const value = code < 65 ? code - 48 : code - 65;
    sum += at % 2 === 0 ? (ODD[value] ?? 0) : value;
  }
  return (sum % 26) + 65 === word.charCodeAt(15);
}

/** Ireland's: the second letter counts, too, but for a W. */
function isPps(word: string): boolean {
  let sum = 0;
  for (let at = 0; at < 7; at++) sum += (word.charCodeAt(at) - 48) * (8 - at);
  const second = word.charCodeAt(8);
  if (second >= 65 && second <= 73) sum += (second - 64) * 9;
  const letter = sum % 23;
  return (letter === 0 ? 87 : letter + 64) === word.charCodeAt(7);
}

const FINNISH = '0123456789ABCDEFHJKLMNPRSTUVWXY';
function isFinnish(word: string): boolean {
  return FINNISH[Number(word.slice(0, 6) + word.slice(7, 10)) % 31] === word[10];
}
