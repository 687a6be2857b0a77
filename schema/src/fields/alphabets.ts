import { z } from 'zod';

/**
 * The closed alphabets every string of a record is written in. A string outside its alphabet, or longer than it,
 * is refused with the field's name: that is what keeps prompts, arguments and header values out of the ledger.
 */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;

export const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
export const integer = (min = 0, max = MAX_INTEGER) => z.int().min(min).max(max);
export const flag = () => z.literal(true);

/** RFC 3339 in UTC with exactly six fraction digits, so that text order is time order. */
export const instant = () =>
  z
    .string()
    .regex(
      /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z$/,
    );
export const uuid7 = () =>
  z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

/** Identifiers that a program, not a person, chose: model ids, tool names, versions. */
export const word = (max: number) => z.string().regex(new RegExp(`^[A-Za-z0-9._:/@+-]{1,${max}}$`));
export const lowerWord = (max: number) => z.string().regex(new RegExp(`^[a-z0-9_.-]{1,${max}}$`));
export const tenantId = () => z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/);
export const errorCode = () => z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/);

/** Host name (A-labels) or IP literal (RFC 5952, no brackets); other bytes are escaped as %hh. */
export const host = () => z.string().regex(/^[a-z0-9._:%-]{1,253}$/);
/** Printable ASCII; other bytes, and the backslash, are escaped as \xhh. */
export const printable = (max: number) => z.string().regex(new RegExp(`^[ -~]{1,${max}}$`));
