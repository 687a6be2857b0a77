import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readListedHosts } from './listed-hosts.ts';

const CASES: readonly (readonly [list: string, host: string, port: number, isListed: boolean])[] = [
  ['api.example.com', 'api.example.com', 443, true],
  ['api.example.com', 'API.Example.com.', 8443, true],
  ['api.example.com', 'evil-api.example.com', 443, false],
  ['api.example.com', 'api.example.com.evil.net', 443, false],
  ['api.example.com:8443', 'api.example.com', 8443, true],
  ['api.example.com:8443', 'api.example.com', 443, false],
  ['*.example.com', 'a.b.example.com', 443, true],
  ['*.example.com', 'example.com', 443, false],
  ['*.example.com', 'notexample.com', 443, false],
  ['*.example.com', '.example.com', 443, false],
  [' one , two ,', 'two', 80, true],
  ['*', 'anything.at.all', 1, true],
  ['[::1]:8080', '::1', 8080, true],
  ['[::1]:8080', '[::1]', 8080, true],
  ['10.0.0.1', '10.0.0.1', 80, true],
  ['10.0.0.1', '10.0.0.10', 80, false],
];

for (const [list, host, port, isListed] of CASES)
  test(`${host}:${port} is ${isListed ? '' : 'not '}listed by "${list}"`, () => {
    assert.equal(readListedHosts(list).isListed(host, port), isListed);
  });

test('a rule with a port does not name a request whose port is not known', () => {
  assert.equal(readListedHosts('host:80').isListed('host', undefined), false);
  assert.equal(readListedHosts('host').isListed('host', undefined), true);
});

test('what is no host lists nothing, and its place is told', () => {
  const { faults, isListed } = readListedHosts(
    'ok.example, https://no.example/, a*b, *.*, x:y, , fine',
  );
  assert.deepEqual(faults, [2, 3, 4, 5]);
  assert.ok(isListed('fine', 80));
  assert.equal(isListed('no.example', 443), false);
});
