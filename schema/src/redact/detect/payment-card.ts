/** How sure the digits alone make it: `weak` needs a word such as "card" near them. */
export type CardLikeness = 'no' | 'weak' | 'sure';

/**
 * Issuer ranges and lengths as the networks publish them. Maestro's are wide: without a known prefix a number of twelve
 * digits would be a card in one case of twenty.
 * @param six the first digits; whether the last is right is for the caller to see, by Luhn.
 */
export function cardLikeness(six: number, length: number): CardLikeness {
  if (length < 12 || length > 19) return 'no';
  const four = Math.floor(six / 100);
  const two = Math.floor(four / 100);
  if (two >= 40 && two <= 49)
    return length === 16 || length === 13 || length === 19 ? 'sure' : 'no';
  if (length === 16) {
    if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return 'sure';
    if ((four >= 2200 && four <= 2205) || four === 9792) return 'sure';
  }
  if ((two === 34 || two === 37) && length === 15) return 'sure';
  const three = Math.floor(six / 1000);
  if (
    ((three >= 300 && three <= 305) || three === 309 || two === 36 || two === 38 || two === 39) &&
    length === 14
  )
    return 'sure';
  if (two === 35 && length === 16) return 'sure';
  if ((four === 2131 || four === 1800) && length === 15) return 'sure';
  if (
    (four === 6011 ||
      (three >= 644 && three <= 649) ||
      two === 65 ||
      two === 62 ||
      two === 60 ||
      two === 81 ||
      two === 82) &&
    length >= 16
  )
    return length === 16 ? 'sure' : two === 62 ? 'sure' : 'weak';
  if (isMaestro(four, two)) return 'sure';
  if (two === 50 || (two >= 56 && two <= 69)) return length === 16 ? 'sure' : 'weak';
  if ((two === 36 || two === 38 || two === 39 || three === 508) && length >= 14) return 'weak';
  return 'no';
}

const MAESTRO = new Set([5018, 5020, 5038, 5893, 6304, 6390, 6759, 6761, 6762, 6763, 604]);

function isMaestro(four: number, two: number): boolean {
  return MAESTRO.has(four) || (two >= 56 && two <= 58);
}
