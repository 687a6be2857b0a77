import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type WrittenFile = {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** Base64, as Cloud Storage gives it. */
  readonly md5: string;
};

export type TableFile = {
  readonly write: (row: object) => Promise<void>;
  readonly close: () => Promise<WrittenFile>;
};

/**
 * A file of rows. What is not on disk yet is bounded by the streams' own marks.
 * @param encoder takes rows and gives bytes.
 */
export function openTableFile(directory: string, name: string, encoder: Duplex): TableFile {
  const md5 = createHash('md5');
  let rows = 0;
  let bytes = 0;
  const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      md5.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const file = createWriteStream(join(directory, name), { flags: 'wx', mode: 0o600, flush: true });
  const done = pipeline(encoder, counted, file);
  // Told to whoever writes next, or closes.
  done.catch(() => {});
  return {
    write: async (row) => {
      rows++;
      if (!encoder.write(row)) await Promise.race([once(encoder, 'drain'), done]);
    },
    close: async () => {
      encoder.end();
      await done;
      return { name, rows, bytes, md5: md5.digest('base64') };
    },
  };
}
