import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseLedgerLine, recordHash } from '@vantio/schema';
import { runVantio } from '../../testing/run-vantio.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { readBack, skip } from '../testing/read-back.ts';
import { wideLedger } from '../testing/wide-ledger.ts';

type Read = readonly {
  readonly attributes: Readonly<Record<string, string>>;
  readonly micros: number;
  readonly data: object;
}[];

test('the CloudEvents SDK takes each line for an event, and its data is the record that was signed', {
  skip,
}, async (t) => {
  const directory = temporaryDirectory(t);
  const { args, file, sealed } = wideLedger(directory);
  const out = join(directory, 'events.ndjson');
  const { status, stdout, stderr } = await runVantio([
    'convert',
    ...args,
    '--to',
    'cloudevents',
    '--out',
    out,
  ]);
  assert.equal(status, 0, stderr);
  assert.match(stdout, new RegExp(`events\\.ndjson {2}${sealed.length} events`));
  const events = await readBack<Read>('read_cloudevents.py', out);
  const texts = readFileSync(out, 'utf8').split('\n');
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1).map(parseLedgerLine);
  assert.equal(events.length, sealed.length);
  assert.equal(new Set(events.map(({ attributes }) => attributes.id)).size, sealed.length);
  for (const [at, { record, canonical, mac }] of sealed.entries()) {
    const { attributes = {}, micros, data } = events[at] ?? {};
    assert.deepEqual(data, { ...record });
    // Whoever has the line has the very bytes.
    assert.ok(texts[at]?.includes(`"data":${canonical}}`));
    assert.equal(attributes.id, recordHash(canonical));
    assert.equal(attributes.type, `vantio.record.v1.${record.event_type}`);
    assert.equal(attributes.recordmac, mac);
    const { receivedMac = '' } = lines[at] ?? {};
    assert.equal(attributes.receivedmac, receivedMac);
    assert.equal(Number(attributes.sequence), record.seq);
    assert.equal(micros, Number(record.occurred_at.slice(20, 26)));
    assert.equal(
      attributes.traceparent,
      record.span_id && `00-${record.trace_id}-${record.span_id}-00`,
    );
  }
});
