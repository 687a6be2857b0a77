import type { SoundLine } from '../import/read-sound-lines.ts';
import { formatBytes, plural } from '../terminal/quantities.ts';
import type { Made } from './form.ts';
import { writeNewFile } from './new-file.ts';

/**
 * Writes one JSON document a record, each on a line.
 * @param noun of a document, such as `event`.
 */
export async function writeJsonLines(
  out: string,
  records: Iterable<SoundLine>,
  toDocument: (line: SoundLine) => object,
  noun: string,
): Promise<Made> {
  const { bytes, filled } = await writeNewFile(out, async (write) => {
    let count = 0;
    for (const line of records) {
      await write(`${JSON.stringify(toDocument(line))}\n`);
      count++;
    }
    return count;
  });
  return {
    lines: [`${out}  ${plural(filled, noun)}  ${formatBytes(bytes)}`],
    json: { out, count: filled, bytes },
  };
}
