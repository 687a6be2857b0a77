import { hintOf } from '../cues.ts';
import { readContentType } from './content-type.ts';
import { Unscannable, type Work } from './part.ts';
import { redactPlain } from './redact-text.ts';
import { redactTyped } from './redact-typed.ts';
import { readUtf8, writeUtf8 } from './utf8.ts';

const MAX_PARTS = 1000;
const MAX_HEAD = 8192;

/** Parts of text are redacted; those of files that are no text stay, and the work says that they were not looked at. */
export function redactMultipart(
  work: Work,
  bytes: Uint8Array,
  boundary: string | undefined,
): Uint8Array {
  if (boundary === undefined || !/^[\x20-\x7e]{1,70}$/.test(boundary))
    throw new Unscannable('multipart');
  const pieces: Uint8Array[] = [];
  const delimiter = writeUtf8(`\r\n--${boundary}`);
  let at = indexOf(bytes, delimiter.subarray(2), 0);
  if (at < 0) throw new Unscannable('multipart');
  let done = 0;
  let isChanged = false;
  for (let parts = 0; ; parts++) {
    const head = at + (at === 0 || done === 0 ? delimiter.length - 2 : delimiter.length);
    if (bytes[head] === 45 && bytes[head + 1] === 45) break;
    const next = indexOf(bytes, delimiter, head);
    const body = indexOf(bytes, HEAD_END, head) + HEAD_END.length;
    if (
      next < 0 ||
      body < HEAD_END.length ||
      body > next ||
      body - head > MAX_HEAD ||
      parts >= MAX_PARTS
    )
      throw new Unscannable('multipart');
    const part = bytes.subarray(body, next);
    const redacted = redactPart(work, readHead(bytes.subarray(head, body)), part);
    if (redacted !== part) isChanged = true;
    pieces.push(bytes.subarray(done, body), redacted);
    done = next;
    at = next;
  }
  pieces.push(bytes.subarray(done));
  return isChanged ? joined(pieces) : bytes;
}

const HEAD_END = writeUtf8('\r\n\r\n');

type Head = { readonly name: string; readonly isFile: boolean; readonly type: string | undefined };

function readHead(bytes: Uint8Array): Head {
  const text = new TextDecoder('latin1').decode(bytes);
  const disposition = /^content-disposition:(.*)$/im.exec(text)?.[1] ?? '';
  return {
    name: /[; ]name="?([^";]*)/i.exec(disposition)?.[1] ?? '',
    isFile: /filename\*?=/i.test(disposition),
    type: /^content-type:\s*(.*?)\s*$/im.exec(text)?.[1],
  };
}

function redactPart(work: Work, { name, isFile, type }: Head, bytes: Uint8Array): Uint8Array {
  const { kind, isForeignCharset } = readContentType(type);
  const isText =
    !isForeignCharset && (type === undefined ? !isFile : kind !== 'binary' && kind !== 'multipart');
  if (!isText) {
    work.unscanned = 'multipart';
    return bytes;
  }
  const text = readUtf8(bytes);
  const redacted =
    type === undefined && !/^\s*[[{]/.test(text)
      ? redactPlain(work, text, hintOf(name))
      : redactTyped(work, text, kind);
  return redacted === text ? bytes : writeUtf8(redacted);
}

/** Buffer's own search, where it is: plain arrays of bytes have none for more than one. */
function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(wanted, from);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
