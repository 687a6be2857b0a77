import { Buffer } from 'node:buffer';
import type { Vault } from '../replace/vault.ts';
import { createEventChannels } from './event-channels.ts';
import { escapedLookUp, restoreJson } from './restore-json.ts';
import type { Restorer } from './restorer.ts';
import { createTextStream, type LookUp, type TextStream } from './text-stream.ts';

/** Beyond it a document, or an event of a stream, is no longer gathered: its tokens are put back as it passes. */
const MAX_GATHERED = 8 * 1024 * 1024;

/** Restores strings in which each character is one byte: so bytes that are no UTF-8 come out as they went in. */
type Latin1Restorer = { readonly push: (text: string) => string; readonly end: () => string };

/**
 * For an answer of this content type; undefined when tokens in it cannot be put back, as in Amazon's binary event stream.
 * The answer is plain: no `content-encoding`.
 */
export function createRestorer(
  vault: Vault,
  contentType: string | undefined,
): Restorer | undefined {
  const lookUp: LookUp = (token) => {
    const value = vault.valueOf(token);
    return value === undefined ? undefined : Buffer.from(value).toString('latin1');
  };
  const restorer = latin1Restorer(
    lookUp,
    (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
  );
  if (restorer === undefined) return undefined;
  return {
    push: (bytes) =>
      bytesOf(
        restorer.push(
          Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'),
        ),
      ),
    end: () => bytesOf(restorer.end()),
  };
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function latin1Restorer(lookUp: LookUp, type: string): Latin1Restorer | undefined {
  if (type === 'text/event-stream') return framed(lookUp, EVENT, restoreEvent);
  if (/^application\/(?:x-)?(?:ndjson|jsonl)$/.test(type)) return framed(lookUp, LINE, restoreLine);
  if (type === 'application/json' || type.endsWith('+json')) return json(lookUp);
  if (!type.startsWith('text/')) return undefined;
  const stream = createTextStream(lookUp);
  return { push: stream.push, end: stream.rest };
}

function json(lookUp: LookUp): Latin1Restorer {
  let parts: string[] = [];
  let length = 0;
  const passing = createTextStream(escapedLookUp(lookUp));
  return {
    push: (text) => {
      length += text.length;
      if (length <= MAX_GATHERED) {
        parts.push(text);
        return '';
      }
      const all = parts.join('') + text;
      parts = [];
      return passing.push(all);
    },
    end: () => (length <= MAX_GATHERED ? restoreJson(parts.join(''), lookUp) : passing.rest()),
  };
}

type Frame = (raw: string, push: (data: string) => readonly string[]) => string;

const EVENT = /\r\n\r\n|\n\n|\r\r/g;
const LINE = /\n/g;

/** Events one after the other, each ended by what the pattern matches. */
function framed(lookUp: LookUp, end: RegExp, restore: Frame): Latin1Restorer {
  const channels = createEventChannels(lookUp);
  let parts: string[] = [];
  let gathered = 0;
  let passing: TextStream | undefined;
  let lastFrame = '';

  const whole = (frame: string): string => {
    lastFrame = frame;
    return restore(frame, channels.push);
  };
  const endOf = (stream: TextStream, text: string): string => stream.push(text) + stream.rest();

  return {
    push: (text) => {
      // The end of an event may lie across two parts.
      const tail = parts.pop() ?? '';
      const all = tail + text;
      let out = '';
      let done = 0;
      end.lastIndex = 0;
      for (let match = end.exec(all); match !== null; match = end.exec(all)) {
        const last = all.slice(done, end.lastIndex);
        out += passing === undefined ? whole(parts.join('') + last) : endOf(passing, last);
        parts = [];
        passing = undefined;
        done = end.lastIndex;
      }
      const left = all.slice(done);
      if (left !== '') parts.push(left.slice(0, -3), left.slice(-3));
      gathered = done === 0 ? gathered + text.length : left.length;
      if (gathered > MAX_GATHERED) {
        passing ??= createTextStream(escapedLookUp(lookUp));
        out += passing.push(parts.slice(0, -1).join(''));
        parts = parts.slice(-1);
      }
      return out;
    },
    end: () => {
      const left = parts.join('');
      const out =
        passing !== undefined
          ? endOf(passing, left)
          : left === ''
            ? ''
            : restore(left, channels.push);
      const rest = channels.end();
      return rest.length === 0
        ? out
        : out + rest.map((data) => restore(lastFrame, () => [data])).join('');
    },
  };
}

const DATA = /^data: ?(.*)$/gm;

function restoreEvent(raw: string, push: (data: string) => readonly string[]): string {
  const lines = [...raw.matchAll(DATA)];
  const [line] = lines;
  // Events in more than one line of data are not what providers send.
  if (line === undefined || lines.length > 1) return raw;
  const data = line[1] ?? '';
  const trimmed = data.endsWith('\r') ? data.slice(0, -1) : data;
  const at = line.index + line[0].length - data.length;
  return push(trimmed)
    .map((one) => raw.slice(0, at) + one + raw.slice(at + trimmed.length))
    .join('');
}

function restoreLine(raw: string, push: (data: string) => readonly string[]): string {
  const text = raw.trimEnd();
  return text === ''
    ? raw
    : push(text)
        .map((one) => one + (raw.slice(text.length) || '\n'))
        .join('');
}
