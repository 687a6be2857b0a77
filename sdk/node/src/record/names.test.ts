import assert from 'node:assert/strict';
import { copyFileSync, linkSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { AuditRecord } from '@vantio/schema';
import { assertWholeChains, ofType } from '../testing/chain.ts';
import { type Ingest, startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

let ingest: Ingest;
let target: Ingest;
let records: readonly AuditRecord[];

before(async () => {
  ingest = await startIngest();
  target = await startIngest(() => ({ status: 200 }));
  const ran = await runAgent('names.mjs', {
    args: [String(target.port)],
    execPath: oddlyNamedNode(),
    env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url },
  });
  await target.close();
  await ingest.close();
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ingest.faults, [], 'no batch was refused');
  records = ingest.records();
  assertWholeChains(records);
});

/** The kernel takes the name of a process from that of its program, and cuts it at 15 bytes. */
function oddlyNamedNode(): string {
  const path = join(scratch(), `n\\dé ${'x'.repeat(100)}`);
  try {
    linkSync(process.execPath, path);
  } catch {
    copyFileSync(process.execPath, path);
  }
  return path;
}

test('the name of a process is written in printable ASCII, and says when it was cut', () => {
  const [start] = ofType(records, 'session_start');
  const { process_name, truncated } = start ?? {};
  // Node 24 hides the process's own name; there the program's tells more.
  const asProgram = { process_name: `n\\x5cd\\xc3\\xa9 ${'x'.repeat(49)}`, truncated: true };
  const asProcess = { process_name: `n\\x5cd\\xc3\\xa9 ${'x'.repeat(9)}`, truncated: undefined };
  const isNode24 = Number(process.versions.node.split('.')[0]) >= 24;
  assert.deepEqual({ process_name, truncated }, isNode24 ? asProgram : asProcess);
});

test('an agent without a name has none, and a name over its bound is cut and says so', () => {
  const [unnamed, long, lone] = ofType(records, 'shield_end');
  assert.equal(unnamed?.agent_name_commit, undefined);
  assert.equal(long?.truncated, true);
  assert.equal(lone?.truncated, undefined);
  const values = ingest.envelopes.flatMap(({ disclosures }) =>
    disclosures.map(({ value }) => value),
  );
  assert.deepEqual(values, ['a'.repeat(4096), 'lone \ufffd surrogate']);
});

test('an anomaly is never lost: its code and severity are made to fit', () => {
  const seen = ofType(records, 'anomaly').map(({ anomaly_code, severity, truncated }) => [
    anomaly_code,
    severity,
    truncated,
  ]);
  assert.deepEqual(seen, [
    ['loop_detected', 'medium', undefined],
    ['x_hidden', 'medium', undefined],
    ['x'.repeat(64), 'medium', true],
    ['x_', 'medium', undefined],
    ['x_', 'medium', undefined],
    ['no.options', 'medium', undefined],
    ['odd.severity', 'medium', undefined],
    ['hostile.options', 'medium', undefined],
  ]);
});

test('a host is written in the alphabet of records', () => {
  const hosts = ofType(records, 'http_request').map(({ target_host }) => target_host);
  assert.deepEqual(hosts, ['xn--bcher-kva.example', 'under_score', '%c3%a4%20b']);
});
