import { classOf, DIGIT, LETTER } from '../characters.ts';

// Country and length, from SWIFT's IBAN registry and the countries that use IBANs without being in it.
const LENGTHS =
  'AD24AE23AL28AO25AT20AZ28BA20BE16BF28BG22BH22BI27BJ28BR29BY28CF27CG27CH21CI28CM27CR22CV25CY28CZ24DE22DJ27DK18DO28DZ26EE20EG29ES24FI18FK18FO18FR27GA27GB22GE22GI23GL18GQ27GR27GT28GW25HN28HR21HU28IE22IL23IQ23IR26IS26IT27JO30KM27KW30KZ20LB28LC32LI21LT20LU20LV21LY25MA28MC27MD24ME22MG27MK19ML28MN20MR27MT31MU30MZ25NE28NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SN28SO23ST25SV28TD27TG28TL23TN24TR26UA29VA22VG24XK20YE30';
let lengths: Map<string, number> | undefined;

function lengthOf(country: string): number | undefined {
  lengths ??= new Map(
    Array.from(
      LENGTHS.matchAll(/([A-Z]{2})(\d{2})/g),
      ([, name = '', length]): [string, number] => [name, Number(length)],
    ),
  );
  return lengths.get(country.toUpperCase());
}

const MAX_LENGTH = 34;
// Characters of the one that is being read; the scan does one thing at a time.
const codes = new Uint8Array(MAX_LENGTH);

/** The end of an IBAN that starts at `start`, with single spaces or hyphens between its characters or without; -1: none. */
export function ibanEnd(text: string, start: number): number {
  const length = lengthOf(text.slice(start, start + 2));
  if (length === undefined) return -1;
  let size = 0;
  let proven = -1;
  let isTogether = true;
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at);
    if (code < 128 && (classOf(code) & (DIGIT | LETTER)) !== 0) {
      if (size === MAX_LENGTH) return proven;
      codes[size++] = code;
      continue;
    }
    // A group ends here. Lengths change, and lists of them lag behind: the check digits decide, and far from the list only
    // when nothing but they can have put the characters together.
    const isNear = size >= length - 2 && size <= length;
    if (size >= MIN_LENGTH && (isNear || isTogether) && holds(size)) proven = at;
    if (size < 4 || size >= length || !isGap(code) || isGap(text.charCodeAt(at - 1))) return proven;
    isTogether = false;
  }
}

const MIN_LENGTH = 15;

/** ISO 7064 MOD 97-10, the first four characters moved to the end. */
function holds(size: number): boolean {
  let rest = 0;
  for (let at = 0; at < size; at++) {
    const code = (codes[(at + 4) % size] ?? 0) | 32;
    rest = code < 97 ? rest * 10 + (code & 15) : rest * 100 + code - 87;
    // As seldom as small integers allow.
    if (rest > 9_999_999) rest %= 97;
  }
  return rest % 97 === 1;
}

function isGap(code: number): boolean {
  return code === 32 || code === 45 || code === 0xa0;
}
