import { StringDecoder } from 'node:string_decoder';

export type ServerEvent = {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
  /** Whether the stream can be taken up again after it. */
  readonly hasId: boolean;
};

const MAX_EVENT = 8 * 1024 * 1024;

/** Reads a text/event-stream as it passes (HTML standard, section 9.2.6); what of an event is beyond the bound is left out. */
export function createEventStream(onEvent: (event: ServerEvent) => void) {
  const decoder = new StringDecoder('utf8');
  let kept: string[] = [];
  let keptSize = 0;
  let event = '';
  let data: string[] = [];
  let size = 0;
  let hasId = false;
  let endedByReturn = false;

  function dispatch(): void {
    if (data.length > 0) onEvent({ event: event || 'message', data: data.join('\n'), hasId });
    else if (hasId) onEvent({ event: '', data: '', hasId });
    event = '';
    data = [];
    size = 0;
    hasId = false;
  }

  function take(line: string): void {
    if (line === '') {
      dispatch();
      return;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) ?? [];
    if (field === 'event') event = value;
    else if (field === 'id') hasId = true;
    else if (field === 'data') {
      size += value.length;
      if (size <= MAX_EVENT) data.push(value);
    }
  }

  /** Looks at each character once, however long the line and however small the pieces are. */
  function read(text: string): void {
    if (text === '') return;
    // The second half of an end of line whose first half came before.
    const isHalf = endedByReturn && text.startsWith('\n');
    endedByReturn = text.endsWith('\r');
    const [first = '', ...lines] = (isHalf ? text.slice(1) : text).split(/\r\n|\n|\r/);
    const last = lines.pop();
    keep(first);
    if (last === undefined) return;
    take(kept.join(''));
    for (const line of lines) take(line);
    kept = [];
    keptSize = 0;
    keep(last);
  }

  function keep(part: string): void {
    keptSize += part.length;
    if (keptSize <= MAX_EVENT) kept.push(part);
  }

  return {
    push: (chunk: Uint8Array) =>
      read(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
  };
}
