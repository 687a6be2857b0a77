import { join } from 'node:path';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SoundLine } from '../../import/read-sound-lines.ts';
import { formatBytes, plural } from '../../terminal/quantities.ts';
import { VERSION } from '../../version.ts';
import type { Made } from '../form.ts';
import { writeNewFile } from '../new-file.ts';
import { type Cell, parquetColumns } from './parquet-columns.ts';

export type ParquetSizes = {
  /** Rows held in memory, and written at once. */
  readonly groupRows: number;
  /** Rows after which another file begins: a file's footer, which is held until its end, tells of each group. */
  readonly fileRows: number;
};

const SIZES: ParquetSizes = { groupRows: 10_000, fileRows: 1_000_000 };

/** Writes `records-000001.parquet` and so on, each whole in itself, to an empty directory. */
export async function writeParquet(
  directory: string,
  records: Iterable<SoundLine>,
  sizes: ParquetSizes = SIZES,
): Promise<Made> {
  const files: { readonly name: string; readonly rows: number; readonly bytes: number }[] = [];
  const source = records[Symbol.iterator]();
  for (let next = source.next(); !next.done || files.length === 0; ) {
    const name = `records-${String(files.length + 1).padStart(6, '0')}.parquet`;
    const { bytes, filled: rows } = await writeNewFile(join(directory, name), async (write) => {
      const file = openParquet(write);
      for (; !next.done && file.rows() < sizes.fileRows; next = source.next()) {
        file.add(next.value);
        if (file.rows() % sizes.groupRows === 0) await file.flush();
      }
      await file.finish();
      return file.rows();
    });
    files.push({ name, rows, bytes });
  }
  return {
    lines: files.map(
      ({ name, rows, bytes }) =>
        `${join(directory, name)}  ${plural(rows, 'row')}  ${formatBytes(bytes)}`,
    ),
    json: { out: directory, files },
  };
}

function openParquet(write: (bytes: Uint8Array) => Promise<void>) {
  const columns = parquetColumns();
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [
      { name: 'record', num_children: columns.length },
      ...columns.map(({ element }) => element),
    ],
    createdBy: `vantio version ${VERSION}`,
  });
  const fresh = (): Cell[][] => columns.map(() => []);
  let cells = fresh();
  let rows = 0;

  const drain = async (): Promise<void> => {
    await write(writer.getBytes());
    writer.index = 0;
  };
  const flush = async (): Promise<void> => {
    const columnData = columns.map(({ element }, at) => ({
      name: element.name,
      data: cells[at] ?? [],
      offsetIndex: false,
    }));
    cells = fresh();
    if (columnData[0]?.data.length === 0) return;
    file.write({ columnData, rowGroupSize: Number.MAX_SAFE_INTEGER });
    await drain();
  };
  return {
    rows: () => rows,
    add: (line: SoundLine): void => {
      for (const [at, { of }] of columns.entries()) cells[at]?.push(of(line));
      rows++;
    },
    flush,
    finish: async (): Promise<void> => {
      await flush();
      file.finish();
      await drain();
    },
  };
}
