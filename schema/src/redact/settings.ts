import type { Entity } from './entity.ts';
import type { Vault } from './replace/vault.ts';

/** What a policy's own pattern compiles to: see custom-pattern.ts, which alone loads the engine of regular expressions. */
export type CustomPattern = {
  /** Offsets of what matches, in order, never empty and never overlapping. Time is linear in the text. */
  readonly find: (text: string) => readonly { readonly start: number; readonly end: number }[];
};

/**
 * What values become. `mask`: `[EMAIL]`. `hash`: `[EMAIL#…]`, the same for the same value under the same key.
 * `token`: `[EMAIL_…]`, which the vault can turn back.
 */
export type Replacement =
  | { readonly action: 'mask' }
  /** @param key of at least 16 bytes; who has it can test guesses, so it is a secret. */
  | { readonly action: 'hash'; readonly key: Uint8Array }
  | { readonly action: 'token'; readonly vault: Vault };

export type RedactSettings = {
  readonly entities: Iterable<Entity>;
  readonly replacement: Replacement;
  /** Counted as `custom`; looked for if `entities` has it. */
  readonly customPatterns?: readonly CustomPattern[];
};
