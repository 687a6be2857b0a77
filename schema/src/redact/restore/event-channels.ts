import { walkJson } from '../json/json-walker.ts';
import { type Splice, spliced } from '../json/redact-string.ts';
import { escapedLookUp } from './restore-json.ts';
import { createTextStream, type LookUp, type TextStream } from './text-stream.ts';

/**
 * A model's answer in events, each JSON with a bit of text: what stands at one path of successive events is one text, and a token
 * may be split between them.
 */
export type EventChannels = {
  /** @returns the events to send for this one: what others held back may come before it. */
  readonly push: (data: string) => readonly string[];
  readonly end: () => readonly string[];
};

type Channel = {
  readonly stream: TextStream;
  readonly identity: string;
  /** The last event that held a part of this text back, and where. */
  last: { readonly data: string; readonly start: number; readonly end: number };
};

const IDENTITY = /"(?:\w*index|item_id)":\s*(?:\d+|"[^"]*")/gi;
const LAST =
  /"finish_?reason":\s*"|"stop_?reason":\s*"|"done":\s*true|"type":\s*"[\w.]*(?:_stop|\.done|\.completed|\.incomplete|\.failed)"/i;
/** Texts that are JSON themselves: a value in them is escaped once more. */
const JSON_TEXT = /(?:^|\.)(?:arguments|partial_json|partialJson|input)$/;
const ARGUMENTS = /"type":\s*"[\w.]*arguments[\w.]*"/;
const MAX_CHANNELS = 1000;

export function createEventChannels(lookUp: LookUp): EventChannels {
  const channels = new Map<string, Channel>();

  const flush = (holds: (channel: Channel) => boolean): string[] => {
    const events: string[] = [];
    for (const [key, channel] of channels) {
      if (!holds(channel)) continue;
      const rest = channel.stream.rest();
      channels.delete(key);
      const { data, start, end } = channel.last;
      if (rest !== '') events.push(spliced(data, [{ start, end, text: rest }]));
    }
    return events;
  };

  const push = (data: string): readonly string[] => {
    if (!data.startsWith('{')) return [...flush(() => true), data];
    const identity = (data.match(IDENTITY) ?? []).sort().join();
    const isLast = LAST.test(data);
    const seen = new Set<string>();
    const splices: Splice[] = [];
    eachString(data, (path, start, end, text) => {
      const key = `${identity}\0${path}`;
      const known = channels.get(key);
      if (known === undefined && !text.includes('[')) return;
      const stream =
        known?.stream ??
        createTextStream(
          escapedLookUp(lookUp, JSON_TEXT.test(path) || ARGUMENTS.test(data) ? 2 : 1),
        );
      const out = stream.push(text) + (isLast ? stream.rest() : '');
      seen.add(key);
      if (!isLast && channels.size < MAX_CHANNELS)
        channels.set(key, { stream, identity, last: { data, start, end } });
      else channels.delete(key);
      const tail = channels.has(key) ? '' : stream.rest();
      if (out + tail !== text) splices.push({ start, end, text: out + tail });
    });
    const before = isLast ? flush((channel) => belongs(channel.identity, identity)) : [];
    return [...before, splices.length === 0 ? data : spliced(data, splices)];
  };

  return {
    push: (data) => {
      try {
        return push(data);
      } catch {
        // No JSON after all: an event goes on as it came.
        return [data];
      }
    },
    end: () => flush(() => true),
  };
}

function belongs(one: string, other: string): boolean {
  return other === '' || one === '' || one.includes(other) || other.includes(one);
}

type OnString = (path: string, start: number, end: number, text: string) => void;

function eachString(data: string, onString: OnString): void {
  walkJson<string>(data, '', {
    member: (path, key) => `${path}.${key}`,
    element: (path, index) => `${path}.${index}`,
    // As it is written: a token has no escape in it, and all else must come out with the escapes that it had.
    string: (path, start, end) => onString(path, start, end, data.slice(start, end)),
  });
}
