import type { AuditRecord } from '@vantio/schema';
import type { SoundLine } from '../../import/read-sound-lines.ts';
import { VERSION } from '../../version.ts';
import { resourceOf, SCHEMA_URL } from './attributes.ts';

export type Batch = { readonly body: string; readonly count: number };

/** What one request holds at most: so many items, or records of so many characters. */
const MAX_ITEMS = 512;
const MAX_CHARACTERS = 1 << 20;

/** How a signal names its parts. */
export type Signal = {
  readonly resources: 'resourceLogs' | 'resourceSpans';
  readonly scopes: 'scopeLogs' | 'scopeSpans';
  readonly items: 'logRecords' | 'spans';
};

/**
 * Bodies of OTLP requests, in the order of the ledger; within one, what is of one session stands together.
 * @param toItem gives nothing for a record that the signal has no place for.
 */
export function* batchesOf(
  records: Iterable<SoundLine>,
  signal: Signal,
  toItem: (line: SoundLine) => object | undefined,
): Generator<Batch> {
  let sessions = new Map<string, { readonly record: AuditRecord; readonly items: object[] }>();
  let count = 0;
  let characters = 0;
  const take = (): Batch => {
    const body = JSON.stringify({
      [signal.resources]: [...sessions.values()].map(({ record, items }) => ({
        resource: resourceOf(record),
        [signal.scopes]: [
          {
            scope: { name: 'vantio', version: VERSION },
            [signal.items]: items,
            schemaUrl: SCHEMA_URL,
          },
        ],
        schemaUrl: SCHEMA_URL,
      })),
    });
    const batch = { body, count };
    sessions = new Map();
    [count, characters] = [0, 0];
    return batch;
  };
  for (const line of records) {
    const { record, canonical } = line.parsed;
    const item = toItem(line);
    if (item === undefined) continue;
    const session = sessions.get(record.session_id);
    if (session === undefined) sessions.set(record.session_id, { record, items: [item] });
    else session.items.push(item);
    count++;
    characters += canonical.length;
    if (count === MAX_ITEMS || characters >= MAX_CHARACTERS) yield take();
  }
  if (count > 0) yield take();
}
