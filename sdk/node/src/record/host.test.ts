import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostFields } from './host.ts';

const host = (raw: string): string => hostFields(raw).target_host;

test('a host is written in lower case, without brackets and final dot, in A-labels', () => {
  assert.equal(host('API.Example.COM.'), 'api.example.com');
  assert.equal(host('[::1]'), '::1');
  assert.equal(host('fe80::1%eth0'), 'fe80::1%eth0');
  assert.equal(host('bücher.example'), 'xn--bcher-kva.example');
  assert.equal(host(''), 'localhost');
});

test('whatever else the agent calls a host fits the alphabet of the record', () => {
  const hostile = [
    'a b',
    'x\n{"y":1}',
    'käse\ud800',
    '../../etc/passwd',
    '日本語'.repeat(200),
    ' '.repeat(1000),
    'a'.repeat(1000),
  ];
  for (const raw of hostile) assert.match(host(raw), /^[a-z0-9._:%-]{1,253}$/);
  assert.equal(host('a b'), 'a%20b');
});

test('a cut host says that it was cut, and is not cut within an escape', () => {
  const { target_host, truncated } = hostFields(' '.repeat(1000));
  assert.equal(truncated, true);
  assert.match(target_host, /^(%20)+$/);
});
