import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type Ingest, startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

const OURS = 'globalThis.Symbol(vantio.context.1)';
let control: ReadonlyMap<string, string>;
let observed: ReadonlyMap<string, string>;
let patched: ReadonlyMap<string, string>;
let ingest: Ingest;

async function descriptors(mode: string, nodeArgs: readonly string[] = []) {
  const file = join(scratch(), 'descriptors.json');
  const ran = await runAgent('descriptors.mjs', {
    args: [mode, file],
    nodeArgs: ['--no-warnings', ...nodeArgs],
    env: { VANTIO_API_KEY: newApiKey(), VANTIO_INGEST_URL: ingest.url, VANTIO_TRACEPARENT: '*' },
  });
  assert.equal(ran.code, 0, ran.stderr);
  return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, string][]);
}

before(async () => {
  ingest = await startIngest();
  control = await descriptors('without');
  observed = await descriptors('with');
  patched = await descriptors('without', ['--import', PATCH]);
  await ingest.close();
});

const differences = (map: ReadonlyMap<string, string>): readonly string[] =>
  [...new Set([...control.keys(), ...map.keys()])].filter(
    (path) => !path.startsWith(OURS) && control.get(path) !== map.get(path),
  );

test('observing changes no property of the globals and the core modules', () => {
  assert.ok(control.size > 5000, `${control.size} properties were compared`);
  assert.ok(ingest.records().length > 5, 'the library was at work');
  assert.deepEqual(differences(observed), []);
});

test('its only addition to the globals is one symbol, which does not enumerate', () => {
  assert.match(observed.get(OURS) ?? '', /"enumerable":false/);
  assert.equal(control.get(OURS), undefined);
});

// What an instrumentation that patches would do: the comparison must see it, or it proves nothing.
const PATCH = `data:text/javascript,import http from 'node:http'; const { request } = http.ClientRequest.prototype; http.ClientRequest.prototype.write = function write(a, b, c) {};`;

test('the comparison sees a patched prototype', () => {
  assert.ok(differences(patched).some((path) => path.endsWith('ClientRequest.prototype.write')));
});

test('no policy is asked for', () => {
  assert.deepEqual([...new Set(ingest.paths)], ['POST /api/v1/ingest']);
});
