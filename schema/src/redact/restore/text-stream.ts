import { MAX_TOKEN_LENGTH, TOKEN } from '../replace/vault.ts';

/** What a token stands for, already written as its surroundings need it; undefined: it is none of ours. */
export type LookUp = (token: string) => string | undefined;

export type TextStream = {
  readonly push: (text: string) => string;
  /** What was held back because a token might have begun; nothing is held afterwards. */
  readonly rest: () => string;
};

const BEGUN = /\[(?:[A-Z][A-Z0-9_]{0,32}[a-z]{0,12})?$/;

export function restoreText(text: string, lookUp: LookUp): string {
  return text.includes('[') ? text.replace(TOKEN, (token) => lookUp(token) ?? token) : text;
}

/** Puts values back into a text that comes in parts; what is held back is never longer than a token. */
export function createTextStream(lookUp: LookUp): TextStream {
  let held = '';
  return {
    push: (text) => {
      const all = held + text;
      const tail = Math.max(0, all.length - MAX_TOKEN_LENGTH);
      const begun = BEGUN.exec(all.slice(tail));
      const cut = begun === null ? all.length : tail + begun.index;
      held = all.slice(cut);
      return restoreText(all.slice(0, cut), lookUp);
    },
    rest: () => {
      const rest = held;
      held = '';
      return rest;
    },
  };
}
