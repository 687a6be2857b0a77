import { createHmac, randomBytes } from 'node:crypto';
import { letters } from './letters.ts';

/** What tokens stand for: one vault for each trace, gone with it. Nothing in it is ever written or sent. */
export type Vault = {
  /** The same token for the same label and value; undefined once the vault is full, or for what UTF-8 cannot write. */
  readonly tokenOf: (label: string, value: string) => string | undefined;
  readonly valueOf: (token: string) => string | undefined;
  readonly isEmpty: () => boolean;
};

const LETTERS = 12;
const DEFAULT_MAX_VALUES = 10_000;

/** `[EMAIL_…]`: what `valueOf` may know. Global: for `replace`. */
export const TOKEN = new RegExp(`\\[[A-Z][A-Z0-9_]{0,31}_[a-z]{${LETTERS}}\\]`, 'g');
export const MAX_TOKEN_LENGTH = 1 + 32 + 1 + LETTERS + 1;

/** Half of a pair of surrogates. */
const HALF = /\p{Surrogate}/u;

export function createVault({ maxValues = DEFAULT_MAX_VALUES } = {}): Vault {
  // Tokens are of a random key: text that an attacker wrote cannot name one that was never shown.
  const key = randomBytes(32);
  const values = new Map<string, string>();
  return {
    tokenOf: (label, value) => {
      if (HALF.test(value)) return undefined;
      const digest = createHmac('sha256', key).update(`${label}\0${value}`).digest();
      const token = `[${label}_${letters(digest, LETTERS)}]`;
      const known = values.get(token);
      if (known !== undefined) return known === value ? token : undefined;
      if (values.size >= maxValues) return undefined;
      values.set(token, value);
      return token;
    },
    valueOf: (token) => values.get(token),
    isEmpty: () => values.size === 0,
  };
}
