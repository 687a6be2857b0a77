import type { WriteStream } from 'node:tty';
import { escapeText } from './escape-text.ts';

const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Colour = keyof typeof COLOURS;

/** What the terminal at the other end can show. */
export type Screen = {
  readonly ascii: boolean;
  /** Wraps our own words in a colour where there is one. */
  paint(colour: Colour, text: string): string;
  /** Makes text that somebody else chose safe to print. */
  safe(text: string): string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Colour only on a terminal, and never against NO_COLOR (https://no-color.org: present and not empty). ASCII where the
 * locale names another character set, or where asked for.
 */
export function createScreen(
  stream: Pick<WriteStream, 'isTTY'>,
  environment: Environment = process.env,
  asciiAsked = false,
): Screen {
  const coloured = stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
  const ascii = asciiAsked || environment.TERM === 'dumb' || !speaksUtf8(environment);
  return {
    ascii,
    paint: (colour, text) => (coloured ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text),
    safe: (text) => escapeText(text, ascii),
  };
}

// POSIX: the first of these that is set and not empty decides. None set: terminals of today speak UTF-8.
const speaksUtf8 = ({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean => {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || /utf-?8/i.test(locale);
};
