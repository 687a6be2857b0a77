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
  let rest = '';
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

  function read(text: string): void {
    if (text === '') return;
    // The second half of an end of line whose first half came before.
    const isHalf = endedByReturn && text.startsWith('\n');
    endedByReturn = text.endsWith('\r');
    const lines = (rest + (isHalf ? text.slice(1) : text)).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > MAX_EVENT) rest = rest.slice(0, 16);
    for (const line of lines) take(line);
  }

  return {
    push: (chunk: Uint8Array) =>
      read(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
  };
}
