/** Takes the place of `src/invocation.ts`: there is no command line. */
let typed: readonly string[] = [];

export const setCommandLine = (words: readonly string[]): void => {
  typed = words;
};

export const commandLine = (): readonly string[] => typed;

export const RUNTIME = globalThis.navigator?.userAgent ?? 'a browser';
