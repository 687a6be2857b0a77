// C0, DEL and C1 drive the terminal; the bidirectional and invisible ones make a name read as another.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;
const NOT_ASCII = /[^ -~]/gu;
const NOTHING = /(?!)/;

const escapeOf = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/**
 * Text chosen by an agent, made safe to print: what could move the cursor, set a colour or a title, or reverse the
 * reading order is written as an escape.
 */
export const escapeText = (text: string, ascii = false): string =>
  text.replace(UNSAFE, escapeOf).replace(ascii ? NOT_ASCII : NOTHING, escapeOf);
