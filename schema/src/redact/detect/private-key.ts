import { add, type View } from '../view.ts';

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y;
const END = '-----END ';

/** A PEM or PGP private key that starts at `at`; one that is cut off goes on to the end of its base64. @returns its end, or -1. */
export function privateKeyEnd(view: View, at: number): number {
  const { text } = view;
  BEGIN.lastIndex = at;
  if (!BEGIN.test(text)) return -1;
  const body = BEGIN.lastIndex;
  // The next end is looked for once for all beginnings before it.
  if (view.pemEnd < body) {
    const found = text.indexOf(END, body);
    view.pemEnd = found < 0 ? Number.POSITIVE_INFINITY : found;
  }
  const begins = text.indexOf('-----BEGIN ', body);
  if (view.pemEnd !== Number.POSITIVE_INFINITY && (begins < 0 || begins > view.pemEnd)) {
    const close = text.indexOf('-----', view.pemEnd + END.length);
    if (close >= 0 && close - view.pemEnd < 64) return add(view, 'private_key', at, close + 5);
  }
  return add(view, 'private_key', at, cutEnd(text, body));
}

function cutEnd(text: string, body: number): number {
  let end = body;
  // Escaped newlines are of a key within JSON or a shell's variable.
  while (/[A-Za-z0-9+/=\\\s]/.test(text.charAt(end))) end++;
  return end;
}
