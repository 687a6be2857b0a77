import { StringDecoder } from 'node:string_decoder';

const MAX_LINE = 1024 * 1024;

/** The data of each event of a text/event-stream, or each line of NDJSON; a line beyond the bound is skipped. */
export function createEventReader(onText: (text: string) => void) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let skipping = false;

  function take(line: string): void {
    const text = line.startsWith('data:') ? line.slice(5).trim() : line.trim();
    if (text.startsWith('{') || text.startsWith('[')) onText(text);
  }

  function read(text: string): void {
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!skipping) take(line);
      skipping = false;
    }
    if (rest.length > MAX_LINE) {
      rest = '';
      skipping = true;
    }
  }

  return {
    push: (chunk: Uint8Array) =>
      read(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end() {
      read(decoder.end());
      if (rest !== '' && !skipping) take(rest);
      rest = '';
    },
  };
}
