import { classOf, DIGIT, LETTER } from '../characters.ts';
import { mod97 } from './check-digits.ts';

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

/** The end of an IBAN that starts at `start`, with single spaces or hyphens between its characters or without; -1: none. */
export function ibanEnd(text: string, start: number): number {
  const length = lengthOf(text.slice(start, start + 2));
  if (length === undefined) return -1;
  let plain = '';
  let at = start;
  for (; plain.length < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 128 && (classOf(code) & (DIGIT | LETTER)) !== 0) plain += text[at];
    else if (plain.length < 4 || !isGap(code) || isGap(text.charCodeAt(at - 1))) return -1;
  }
  if ((classOf(text.charCodeAt(at)) & (DIGIT | LETTER)) !== 0) return -1;
  return mod97(plain.slice(4) + plain.slice(0, 4)) === 1 ? at : -1;
}

function isGap(code: number): boolean {
  return code === 32 || code === 45 || code === 0xa0;
}
