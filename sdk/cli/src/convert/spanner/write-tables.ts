import { loadCloud } from '../../cloud/open-cloud.ts';
import { entryOf } from '../../import/read-entries.ts';
import { formatBytes, plural } from '../../terminal/quantities.ts';
import { repeatingSessions } from '../each-record-once.ts';
import type { Made, Source } from '../form.ts';

/**
 * Writes what `vantio import` would insert, and the manifests of Dataflow's templates, to an empty directory.
 * @param uri where the files will lie; only the manifest of CSV files names it.
 */
export async function writeTables(
  directory: string,
  source: Source,
  format: 'csv' | 'avro',
  uri: string,
): Promise<Made> {
  const { convertLedger } = await loadCloud();
  const repeating = repeatingSessions(source.outcome);
  const converted = await convertLedger({
    entries: entriesOf(source),
    directory,
    format,
    uri,
    mayRepeat: (sessionId) => repeating.has(sessionId),
  });
  const files = converted.files.map(
    ({ name, rows, bytes }) =>
      `${directory}/${name}  ${plural(rows, 'row')}  ${formatBytes(bytes)}`,
  );
  return {
    lines: [...files, `${directory}/${converted.manifest}`],
    json: { out: directory, ...converted },
  };
}

function* entriesOf(source: Source) {
  for (const line of source.lines()) yield entryOf(line);
}
