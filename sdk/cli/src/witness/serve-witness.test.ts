import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCosignatures } from '@vantio/schema/tlog/cosignature';
import { encodeBase64, parseNote } from '@vantio/schema/tlog/note';
import { parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { endOf, startVantio } from '../testing/run-vantio.ts';
import { sampleLog } from '../testing/sample-log.ts';
import { type WitnessSetup, witnessSetup } from '../testing/witness-setup.ts';

async function serve(t: TestContext, { directory }: WitnessSetup) {
  const files = ['--vkey', join(directory, 'log.vkey'), '--state', join(directory, 'state')];
  const child = startVantio(
    ['witness', 'serve', '--listen', '127.0.0.1:0', '--json', ...files].concat(
      '--witness-key',
      join(directory, 'witness.key'),
    ),
  );
  t.after(() => child.kill('SIGKILL'));
  const ended = endOf(child);
  const [line] = await once(child.stdout ?? child, 'data');
  const { url } = JSON.parse(String(line)) as { url: string };
  const post = async (body: string, path = '/add-checkpoint') => {
    const response = await fetch(url + path, { method: 'POST', body });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.text(),
    };
  };
  return { url, child, ended, post };
}

const request = (old: number, proof: readonly Uint8Array[], checkpoint: string): string =>
  `${[`old ${old}`, ...proof.map(encodeBase64)].join('\n')}\n\n${checkpoint}`;

test('add-checkpoint answers as C2SP tlog-witness says, status by status', async (t) => {
  const setup = await witnessSetup(t);
  const { log, witness, directory } = setup;
  const { url, post, child, ended } = await serve(t, setup);
  const four = await log.grow(4);
  const nine = await log.grow(9);
  const proof = await log.consistency(4, 9);

  const first = await post(request(0, [], four));
  assert.equal(first.status, 200);
  const [cosignature] = readCosignatures(parseNote(four + first.body), [parseVerifierKey(witness)]);
  assert.ok(Math.abs((cosignature?.time ?? 0) - Date.now() / 1000) < 60);
  assert.match(first.body, /^— vantio\.test\/witness [A-Za-z0-9+/=]+\n$/);

  for (const [old, hashes] of [
    [0, []],
    [3, proof],
  ] as const)
    assert.deepEqual(await post(request(old, hashes, nine)), {
      status: 409,
      type: 'text/x.tlog.size',
      body: '4\n',
    });
  assert.equal((await post(request(4, proof.slice(1), nine))).status, 422);
  assert.equal((await post(request(4, proof.toReversed(), nine))).status, 422);
  assert.equal((await post(request(10, proof, nine))).status, 400);
  const otherKey = await sampleLog(join(directory, 'key'), { key: 2 });
  assert.equal((await post(request(0, [], await otherKey.grow(9)))).status, 403);
  const otherOrigin = await sampleLog(join(directory, 'origin'), { origin: 'vantio.test/other' });
  assert.equal((await post(request(0, [], await otherOrigin.grow(9)))).status, 404);
  const zeroes = new Uint8Array(32);
  for (const body of [
    '',
    'old 0\n',
    `old 04\n\n${nine}`,
    `old -1\n\n${nine}`,
    `old 9007199254740993\n\n${nine}`,
    `old 4\nnot a hash\n\n${nine}`,
    request(
      4,
      Array.from({ length: 64 }, () => zeroes),
      nine,
    ),
    request(4, proof, nine.slice(0, -1)),
    `old 4\r\n\r\n${nine}`,
  ])
    assert.equal((await post(body)).status, 400, body.slice(0, 20));
  assert.equal((await post('x'.repeat(1_000_001))).status, 413);
  assert.equal((await fetch(`${url}/add-checkpoint`)).status, 405);
  assert.equal((await post('', '/')).status, 404);

  assert.equal((await post(request(4, proof, nine))).status, 200);
  // The same again, and a proof where there is nothing to prove.
  assert.equal((await post(request(9, [], nine))).status, 200);
  assert.equal((await post(request(9, proof, nine))).status, 422);
  assert.deepEqual((await post(request(4, [], four))).body, '9\n');
  child.kill('SIGTERM');
  assert.equal((await ended).status, 0);
});

test('of many requests at once from one old size one is cosigned, and it never goes back', async (t) => {
  const setup = await witnessSetup(t);
  const { post } = await serve(t, setup);
  await post(request(0, [], await setup.log.grow(4)));
  const requests: string[] = [];
  for (let size = 5; size < 25; size++) {
    const note = await setup.log.grow(size);
    requests.push(request(4, await setup.log.consistency(4, size), note));
  }
  const answers = await Promise.all(requests.map((body) => post(body)));
  const good = answers.flatMap(({ status }, at) => (status === 200 ? [at + 5] : []));
  assert.equal(good.length, 1);
  assert.equal(answers.filter(({ status }) => status === 409).length, 19);
  assert.equal((await post(requests[0] ?? '')).body, `${good[0]}\n`);
});

test('two trees of one size bar that log, also after a restart, and others are served on', async (t) => {
  const setup = await witnessSetup(t);
  const { directory, log } = setup;
  const second = await sampleLog(join(directory, 'second'), { origin: 'vantio.test/second' });
  writeFileSync(join(directory, 'log.vkey'), `${log.vkey}\n${second.vkey}\n`);
  const { post, child, ended } = await serve(t, setup);
  const seen = await log.grow(6);
  assert.equal((await post(request(0, [], seen))).status, 200);
  const other = await sampleLog(join(directory, 'other'), { forkAt: 4 });
  const got = await other.grow(6);
  assert.equal((await post(request(6, [], got))).status, 409);
  const [alarm] = setup.alarms();
  assert.deepEqual([alarm?.kind, alarm?.seen, alarm?.got], ['fork', seen, got]);
  assert.equal((await post(request(6, [], seen))).status, 403);
  assert.equal((await post(request(0, [], await second.grow(2)))).status, 200);
  child.kill('SIGTERM');
  assert.equal((await ended).status, 3);

  const again = await serve(t, setup);
  assert.equal((await again.post(request(6, [], seen))).status, 403);
  assert.equal((await again.post(request(2, [], await second.grow(2)))).status, 200);
});

test('a stranger can raise no alarm: old checkpoints and false proofs are refused, and no more', async (t) => {
  const setup = await witnessSetup(t);
  const { log } = setup;
  const { post, child, ended } = await serve(t, setup);
  const four = await log.grow(4);
  const six = await log.grow(6);
  await post(request(0, [], six));
  const nine = await log.grow(9);
  assert.equal((await post(request(0, [], four))).status, 409);
  assert.equal((await post(request(6, [new Uint8Array(32)], nine))).status, 422);
  assert.equal((await post(request(6, await log.consistency(6, 9), nine))).status, 200);
  child.kill('SIGTERM');
  const { status, stderr } = await ended;
  assert.deepEqual([status, stderr], [0, '']);
});
