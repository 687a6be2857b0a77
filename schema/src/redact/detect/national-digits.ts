import type { BuiltInEntity } from '../entity.ts';
import { isDay, isLuhn, isMod1110, weighted } from './check-digits.ts';

/**
 * National ids that are digits alone. `sure` ones hold without a word near them, for their check digits and dates leave few
 * other numbers; `weak` ones need a word, for one number in ten passes.
 */
export type NationalId = { readonly entity: BuiltInEntity; readonly isSure: boolean };

const sure = (entity: BuiltInEntity): NationalId => ({ entity, isSure: true });
const weak = (entity: BuiltInEntity): NationalId => ({ entity, isSure: false });
const last = (digits: string): number => digits.charCodeAt(digits.length - 1) - 48;
const part = (digits: string, start: number, end: number): number =>
  Number(digits.slice(start, end));

export function nationalId(digits: string): NationalId | undefined {
  switch (digits.length) {
    case 8:
      return isBsn(`0${digits}`) ? weak('nl_bsn') : undefined;
    case 9:
      if (isBsn(digits)) return weak('nl_bsn');
      return isPortuguese(digits) || isCzech(digits) || isHungarian(digits)
        ? weak('eu_national_id')
        : undefined;
    case 10:
      return ten(digits) ? weak('eu_national_id') : undefined;
    case 11:
      return eleven(digits);
    case 12:
      return isSwedish(digits.slice(2)) && /^(?:19|20)/.test(digits)
        ? sure('eu_national_id')
        : undefined;
    case 13:
      return isRomanian(digits) || isEmso(digits) || isLuxembourgish(digits)
        ? sure('eu_national_id')
        : undefined;
    case 15:
      return isNir(digits) ? sure('fr_nir') : undefined;
    default:
      return undefined;
  }
}

/** Whether eleven digits are some other country's, too. */
export function isOtherEleven(digits: string): boolean {
  const isGreek = isDay(part(digits, 2, 4), part(digits, 0, 2)) && isLuhn(digits);
  return (
    isGreek || isBelgian(digits) || isNorwegian(digits) || isBaltic(digits) || isMod1110(digits)
  );
}

function eleven(digits: string): NationalId | undefined {
  if (isTaxId(digits)) return sure('de_tax_id');
  if (isPesel(digits)) return sure('pl_pesel');
  const month = part(digits, 2, 4);
  if (isBelgian(digits) || isNorwegian(digits) || isBaltic(digits)) return sure('eu_national_id');
  if (isMod1110(digits)) return weak('eu_national_id');
  // The Greek AMKA, and the Latvian code of a person born before 2017, whose check digit is no longer to be relied on.
  if (isDay(month, part(digits, 0, 2)) && isLuhn(digits)) return weak('eu_national_id');
  return undefined;
}

function ten(digits: string): boolean {
  return (
    isSwedish(digits) ||
    isCzech(digits) ||
    isBulgarian(digits) ||
    isAustrian(digits) ||
    isDanish(digits)
  );
}

const BSN = [9, 8, 7, 6, 5, 4, 3, 2, -1];
export function isBsn(digits: string): boolean {
  return digits !== '000000000' && weighted(digits, BSN) % 11 === 0;
}

/** One digit of the first ten comes twice or thrice, at most one more than the absent ones allow: BZSt's rule. */
export function isTaxId(digits: string): boolean {
  if (digits.charCodeAt(0) === 48 || !isMod1110(digits)) return false;
  const counts = new Uint8Array(10);
  for (let at = 0; at < 10; at++)
    counts[digits.charCodeAt(at) - 48] = (counts[digits.charCodeAt(at) - 48] ?? 0) + 1;
  const repeated = counts.filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] ?? 0) <= 3;
}

const PESEL = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
export function isPesel(digits: string): boolean {
  // Months are 1 to 12 for those born in the 1900s, 21 to 32 in the 2000s; the other centuries are empty today.
  const month = part(digits, 2, 4);
  if (!isDay(month > 20 ? month - 20 : month, part(digits, 4, 6))) return false;
  return (10 - (weighted(digits, PESEL) % 10)) % 10 === last(digits);
}

/** @param digits the Corsican 2A and 2B already written 19 and 18, as INSEE computes the key. */
export function isNir(digits: string): boolean {
  const month = part(digits, 3, 5);
  if (!/^[1-478]/.test(digits)) return false;
  if (month === 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return false;
  return 97 - (part(digits, 0, 13) % 97) === part(digits, 13, 15);
}

function isBelgian(digits: string): boolean {
  const month = part(digits, 2, 4) % 20;
  if (month > 12 || part(digits, 4, 6) > 31) return false;
  const check = part(digits, 9, 11);
  const number = part(digits, 0, 9);
  return check === 97 - (number % 97) || check === 97 - ((2_000_000_000 + number) % 97);
}

const NORWEGIAN = [
  [3, 7, 6, 1, 8, 9, 4, 5, 2, 1],
  [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
] as const;
function isNorwegian(digits: string): boolean {
  if (!isDay(part(digits, 2, 4) % 40, part(digits, 0, 2) % 40)) return false;
  return NORWEGIAN.every((weights) => weighted(digits, weights) % 11 === 0);
}

/** Estonia and Lithuania share it. */
function isBaltic(digits: string): boolean {
  if (!/^[1-8]/.test(digits) || !isDay(part(digits, 3, 5), part(digits, 5, 7))) return false;
  let check = weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  if (check === 10) check = (weighted(digits, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11) % 10;
  return check === last(digits);
}

export function isSwedish(digits: string): boolean {
  return isDay(part(digits, 2, 4), part(digits, 4, 6) % 60) && isLuhn(digits);
}

/** Czech and Slovak: of nine digits before 1954, of ten and divisible by eleven since. */
export function isCzech(digits: string): boolean {
  const month = part(digits, 2, 4) % 50;
  if (!isDay(month > 20 ? month - 20 : month, part(digits, 4, 6))) return false;
  if (digits.length === 9) return part(digits, 0, 2) < 54;
  return Number(digits) % 11 === 0 || (part(digits, 0, 9) % 11 === 10 && last(digits) === 0);
}

function isBulgarian(digits: string): boolean {
  if (!isDay(part(digits, 2, 4) % 20, part(digits, 4, 6))) return false;
  return (weighted(digits, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === last(digits);
}

function isAustrian(digits: string): boolean {
  if (digits.charCodeAt(0) === 48) return false;
  return weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === digits.charCodeAt(3) - 48;
}

/** Its check digit ran out in 2007: the day is all there is. */
export function isDanish(digits: string): boolean {
  return isDay(part(digits, 2, 4), part(digits, 0, 2));
}

function isPortuguese(digits: string): boolean {
  const rest = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return /^[1-3]|^45/.test(digits) && (rest < 2 ? 0 : 11 - rest) === last(digits);
}

/** TAJ, of social insurance. */
function isHungarian(digits: string): boolean {
  return weighted(digits, [3, 7, 3, 7, 3, 7, 3, 7]) % 10 === last(digits);
}

const ROMANIAN = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];
function isRomanian(digits: string): boolean {
  if (!/^[1-8]/.test(digits) || !isDay(part(digits, 3, 5), part(digits, 5, 7))) return false;
  const rest = weighted(digits, ROMANIAN) % 11;
  return (rest === 10 ? 1 : rest) === last(digits);
}

/** EMŠO, of Slovenia. */
function isEmso(digits: string): boolean {
  if (!isDay(part(digits, 2, 4), part(digits, 0, 2)) || !/^.{4}[90]/.test(digits)) return false;
  const rest = weighted(digits, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest === 0 ? 0 : 11 - rest) === last(digits);
}

function isLuxembourgish(digits: string): boolean {
  if (!/^(?:19|20)/.test(digits) || !isDay(part(digits, 4, 6), part(digits, 6, 8))) return false;
  return isLuhn(digits.slice(0, 12));
}
