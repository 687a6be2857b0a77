import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { linesOf, runEnforced } from './testing/run-enforced.ts';

type Got = { readonly method: string; readonly text: string; readonly length: string | undefined };
const got = new Map<string, Got[]>();
const server = createServer((request, response) => {
  const path = (request.url ?? '').slice(1);
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { method = '', headers } = request;
    const text = Buffer.concat(parts).toString('utf8');
    got.set(path, [...(got.get(path) ?? []), { method, text, length: headers['content-length'] }]);
    const status = Number(path);
    if (status >= 300) response.writeHead(status, { location: `/after-${path}` }).end();
    else response.end(`${text.length}`);
  });
});
let port = 0;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
after(() => server.close());

async function fetches(policy: object | undefined) {
  got.clear();
  const ran = await runEnforced(
    'enforced/fetches.mjs',
    policy && { v: 1, version: 1, redact_pii: { entities: ['email'], ...policy } },
    { args: [JSON.stringify({ port })] },
  );
  const [said] = linesOf<Record<string, string>>(ran);
  if (!said) throw new Error(ran.stderr);
  return { said, got: new Map(got), ran };
}

/** How long the body was is all that differs. */
const withoutLength = (said: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(said).map(([way, text]) => [way, text.replace(/ \d+$/, '')]));

test('whatever fetch is given its body as, what was found in it is redacted, and what comes of it is as without us', async () => {
  const bare = await fetches(undefined);
  const ours = await fetches({ walk_hosts: ['127.0.0.1'] });
  assert.deepEqual(withoutLength(ours.said), withoutLength(bare.said));
  assert.deepEqual([...ours.got.keys()], [...bare.got.keys()]);
  for (const [path, requests] of bare.got)
    for (const [at, { method, text }] of requests.entries()) {
      const sent = ours.got.get(path)?.[at];
      assert.equal(sent?.method, method, path);
      assert.equal(sent?.text, text.replace(/alice(@|%40)example\.com/, mask), path);
      if (sent.length !== undefined)
        assert.equal(sent.length, String(Buffer.byteLength(sent.text)), path);
    }
  assert.equal(ours.got.get('after-307')?.[0]?.text.includes('[EMAIL]'), true);
  assert.equal(ours.got.get('after-303')?.[0]?.text, '');
});

const mask = (_: string, at: string): string => (at === '@' ? '[EMAIL]' : '%5BEMAIL%5D');

test('of each request that was redacted there is one record', async () => {
  const { ran, got: came } = await fetches({ walk_hosts: ['127.0.0.1'] });
  const redacted = ran.records.filter(({ action_taken }) => action_taken === 'REDACTED');
  const sent = [...came.values()].flat().filter(({ text }) => text.includes('EMAIL'));
  assert.equal(redacted.length, sent.length);
});
