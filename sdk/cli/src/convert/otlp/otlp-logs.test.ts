import assert from 'node:assert/strict';
import { test } from 'node:test';
import { microsFromInstant, recordHash } from '@vantio/schema';
import { runVantio } from '../../testing/run-vantio.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { startReceiver } from '../testing/otlp-receiver.ts';
import { readBack, skip } from '../testing/read-back.ts';
import { wideLedger } from '../testing/wide-ledger.ts';
import { SCHEMA_URL } from './attributes.ts';

type Value = string | boolean | Readonly<Record<string, string>>;
export type Read = {
  readonly name: string;
  readonly time: string;
  readonly severity: number;
  readonly trace: string;
  readonly span: string;
  readonly schema: string;
  readonly resource: Readonly<Record<string, Value>>;
  readonly attributes: Readonly<Record<string, Value>>;
};

/** As the reader gives values back: integers as text. */
const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
    : typeof value === 'number'
      ? String(value)
      : value;

test("OpenTelemetry's own definitions read every record as a log record, with every field", {
  skip,
}, async (t) => {
  const directory = temporaryDirectory(t);
  const { args, sealed } = wideLedger(directory, 3);
  const receiver = await startReceiver(t, directory);
  const { status, stdout, stderr } = await runVantio(
    ['convert', ...args, '--to', 'otlp-logs', '--endpoint', `${receiver.endpoint}/`],
    { env: { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b, x-other=1' } },
  );
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    new RegExp(
      `/v1/logs {2}${sealed.length.toLocaleString('en-US')} log records in [2-9] requests`,
    ),
  );
  assert.deepEqual(new Set(receiver.paths), new Set(['POST /v1/logs']));
  assert.equal(receiver.headers[0]?.['x-key'], 'a b');
  const read = await readBack<readonly Read[]>('read_otlp.py', 'logs', receiver.file);
  assert.equal(read.length, sealed.length);
  const byHash = new Map(read.map((item) => [item.attributes['vantio.record_hash'], item]));
  for (const { record, canonical, mac } of sealed) {
    const item = byHash.get(recordHash(canonical)) ?? assert.fail();
    assert.equal(item.name, `vantio.${record.event_type}`);
    assert.equal(item.schema, SCHEMA_URL);
    assert.equal(item.time, `${microsFromInstant(record.occurred_at)}000`);
    assert.equal(item.trace, record.trace_id ?? '');
    assert.equal(item.span, record.span_id ?? '');
    assert.equal(item.resource['service.instance.id'], record.session_id);
    const values = Object.values(item.attributes).map((value) => JSON.stringify(value));
    for (const [name, value] of Object.entries(record)) {
      const own = item.attributes[`vantio.${name}`];
      if (own !== undefined) assert.deepEqual(own, plain(value));
      else if (value === 'OTHER') assert.equal(item.attributes['http.request.method'], '_OTHER');
      else assert.ok(values.includes(JSON.stringify(plain(value))), `${name} is lost`);
    }
    assert.equal(Object.keys(item.attributes).length, Object.keys(record).length + 4);
    assert.equal(item.attributes['vantio.record_mac'], mac);
    assert.equal(
      item.severity,
      record.severity === undefined
        ? 0
        : record.severity === 'info'
          ? 9
          : record.severity === 'critical'
            ? 21
            : 17,
    );
  }
});
