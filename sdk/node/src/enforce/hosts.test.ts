import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goWays, refusals } from './testing/go-ways.ts';
import { redirectTo, startProxy, startSmall, startSmallHttp2 } from './testing/small-servers.ts';

const REFUSED = 'BLOCKED_HOST';

test('a redirect is followed up to the hop that is blocked, and one in circles ends as it does without us', async () => {
  const blocked = await startSmall();
  const redirecting = await startSmall(redirectTo(() => `http://127.0.0.1:${blocked.port}/x`));
  const circling = await startSmall(redirectTo(() => `http://127.0.0.1:${circling.port}/`));
  const at = { redirecting: redirecting.port, circling: circling.port };
  const policy = { blocked_hosts: [`127.0.0.1:${blocked.port}`] };
  const ways = ['fetch redirected', 'undici 6 redirected', 'axios redirected', 'fetch in circles'];
  const { came, ran } = await goWays(policy, at, ways);
  for (const way of ways.slice(0, 3)) assert.ok(came[way]?.codes?.includes(REFUSED), way);
  assert.equal(came['fetch in circles']?.message, 'fetch failed');
  assert.equal(blocked.connections, 0);
  assert.equal(redirecting.requests, 3);
  assert.equal(refusals(ran), 3);
});

test('through a proxy the origin is judged: no connection reaches the proxy', async () => {
  const proxy = await startProxy();
  const ways = ['tunnel', 'undici ProxyAgent', 'plain proxy'];
  const { came } = await goWays(
    { blocked_hosts: ['blocked.example'] },
    { proxy: proxy.port },
    ways,
  );
  for (const way of ways)
    assert.ok(came[way]?.codes?.includes(REFUSED), `${way} ${came[way]?.text}`);
  assert.equal(proxy.connections, 0);
});

test('a list of allowed hosts need not name the proxy of a tunnel to one of them, and lets nothing else to it', async () => {
  const proxy = await startProxy();
  const at = { proxy: proxy.port };
  const policy = { allowed_hosts: ['allowed.example'] };
  const ways = ['a proxy itself', 'tunnel', 'tunnel to what is allowed'];
  const { came } = await goWays(policy, at, ways);
  assert.deepEqual(came['a proxy itself']?.codes, [REFUSED]);
  assert.deepEqual(came.tunnel?.codes, [REFUSED]);
  assert.equal(came['tunnel to what is allowed']?.text, '200');
  assert.equal(proxy.connections, 1);
  const named = await goWays(policy, at, ['a proxy itself'], {
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
  });
  assert.equal(named.came['a proxy itself']?.text, 'connected');
});

test('whatever a call names as where it goes is judged: Host header, server name, address, Unix socket', async () => {
  const [open, blocked] = [await startSmall(), await startSmall()];
  const at = { open: open.port, blocked: blocked.port, unix: '/tmp/vantio-no-such.sock' };
  const policy = {
    blocked_hosts: ['blocked.example', `127.0.0.1:${blocked.port}`, 'unix:/tmp/*'],
  };
  const ways = [
    'another Host header',
    'user information',
    'a server name',
    'a name of a blocked address',
    'an upper-case name with a dot',
    'http over a Unix socket',
  ];
  const { came, ran } = await goWays(policy, at, ways);
  for (const way of ways)
    assert.ok(came[way]?.codes?.includes(REFUSED), `${way} ${came[way]?.text}`);
  assert.equal(open.connections + blocked.connections, 0);
  assert.equal(refusals(ran), ways.length);
});

const [MAJOR = 0] = process.versions.node.split('.').map(Number);

test('headers of HTTP/2 that are given as a list are judged as others are', {
  skip: MAJOR < 24 && 'this Node takes no list',
}, async () => {
  const session = await startSmallHttp2();
  const way = 'http2 with a list of headers';
  const policy = { blocked_hosts: ['blocked.example'] };
  const { came } = await goWays(policy, { session: session.port }, [way]);
  assert.deepEqual(came[way]?.codes, [REFUSED]);
  assert.equal(session.requests, 0);
});

test('a name is judged by what it resolves to, each time anew', async () => {
  const everywhere = await startSmall(undefined, '0.0.0.0');
  const at = { everywhere: everywhere.port };
  const way = 'a name that changes its mind';
  const { came } = await goWays({ blocked_hosts: ['127.0.0.1'] }, at, [way]);
  assert.equal(came[way]?.text, `connected ${REFUSED}`);
  assert.equal(everywhere.connections, 1);
});

test('rules for one shield hold on connections that another has opened, and in shields within it', async () => {
  const [shared, sharedByFetch, sharedSession] = [
    await startSmall(),
    await startSmall(),
    await startSmallHttp2(),
  ];
  const servers = { shared, sharedByFetch, sharedSession };
  const at = Object.fromEntries(Object.entries(servers).map(([name, { port }]) => [name, port]));
  const policy = { blocked_hosts: [{ host: '127.0.0.1', agents: ['untrusted'] }] };
  const ways = [
    'one connection of two shields, http',
    'one connection of two shields, fetch',
    'one session of two shields, http2',
  ];
  const { came } = await goWays(policy, at, ways);
  for (const way of ways)
    assert.match(came[way]?.text ?? '', /^200[^,]*,BLOCKED_HOST,BLOCKED_HOST,200/, way);
  for (const { requests, connections } of Object.values(servers)) {
    assert.equal(requests, 2);
    assert.equal(connections, 1);
  }
});

test('each refusal is recorded once, with its rule and trace, as one that had no effect', async () => {
  const blocked = await startSmall();
  const at = { blocked: blocked.port };
  const policy = {
    blocked_hosts: [{ host: '127.0.0.1', id: 'no-loopback', reason: 'Use the gateway' }],
  };
  const ways = ['fetch of what is blocked', 'http of what is blocked', 'net of what is blocked'];
  const { ran, came } = await goWays(policy, at, [...ways, 'many at once', 'a reason']);
  assert.equal(came['many at once']?.text, '10');
  const records = ran.records.filter(({ action_taken }) => action_taken === REFUSED);
  assert.equal(records.length, 14);
  for (const record of records) {
    assert.equal(record.rule_id, 'no-loopback');
    assert.equal(record.evidence, 'denied_before_effect');
    assert.equal(record.target_port, blocked.port);
    assert.equal(record.policy_version, 1);
    assert.equal(record.trace_origin, 'exact');
  }
  const others = ran.records.filter(({ event_type }) =>
    /^(http_request|net_connect)$/.test(event_type),
  );
  assert.equal(
    others.length,
    records.length,
    'a refused call is not recorded as one that was seen, too',
  );
  const [, name, rule, trace, told] =
    /^(\w+) (\S+) ([0-9a-f]{32}) (.*)$/s.exec(came['a reason']?.text ?? '') ?? [];
  assert.deepEqual([name, rule], ['VantioBlockedError', 'no-loopback']);
  assert.ok(records.some(({ trace_id }) => trace_id === trace));
  assert.match(told ?? '', /Use the gateway/);
});

test('in dry run everything goes, and what would have been refused is recorded once', async () => {
  const blocked = await startSmall();
  const policy = { mode: 'dry_run', blocked_hosts: ['127.0.0.1'] };
  const ways = ['fetch of what is blocked', 'http of what is blocked', 'net of what is blocked'];
  const { ran, came } = await goWays(policy, { blocked: blocked.port }, ways);
  assert.deepEqual(
    ways.map((way) => came[way]?.text),
    ['200 ok', '200 ok', 'connected'],
  );
  const would = ran.records.filter(({ action_taken }) => action_taken === 'WOULD_BLOCK_HOST');
  assert.deepEqual(
    would.map(({ event_type }) => event_type),
    ['http_request', 'http_request', 'net_connect'],
  );
});
