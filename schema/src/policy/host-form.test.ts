import assert from 'node:assert/strict';
import { test } from 'node:test';
import { URL } from 'node:url';
import fc from 'fast-check';
import { hostForm } from './host-form.ts';
import { ipText } from './ip-address.ts';

const written = (raw: string): string => {
  const form = hostForm(raw);
  if (form === undefined) return 'none';
  return form.kind === 'name' ? form.name : ipText(form.address);
};

const SPELLINGS: readonly (readonly [string, string])[] = [
  ['api.openai.com', 'api.openai.com'],
  ['API.OpenAI.com', 'api.openai.com'],
  ['api.openai.com.', 'api.openai.com'],
  ['ａｐｉ。openai。com', 'api.openai.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
  ['faß.de', 'xn--fa-hia.de'],
  ['my_service', 'my_service'],
  ['', 'localhost'],
  ['127.0.0.1', '127.0.0.1'],
  ['127.0.0.1.', '127.0.0.1'],
  ['127.1', '127.0.0.1'],
  ['2130706433', '127.0.0.1'],
  ['0x7f000001', '127.0.0.1'],
  ['0X7F.1', '127.0.0.1'],
  ['017700000001', '127.0.0.1'],
  ['0177.0.0.01', '127.0.0.1'],
  ['١٢٧.0.0.1', 'none'],
  ['１２７.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
  ['[::1]', '::1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['[::FFFF:7f00:1]', '127.0.0.1'],
  ['0:0:0:0:0:ffff:7f00:0001', '127.0.0.1'],
  ['::ffff:0:0', '127.0.0.1'],
  ['64:ff9b::a9fe:a9fe', '169.254.169.254'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%25eth0]', 'fe80::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['256.1.1.1', 'none'],
  ['1.2.3.4.5', 'none'],
  ['a.b.0x', 'none'],
  ['evil.com/path', 'none'],
  ['user@evil.com', 'none'],
  ['user:pass@evil.com', 'none'],
  ['evil.com:80', 'none'],
  ['evil.com\0', 'none'],
  ['evil.com ', 'none'],
  ['%65vil.com', 'none'],
  ['evil..com', 'none'],
  ['evil.com..', 'none'],
  ['.', 'none'],
  [':::', 'none'],
  ['a'.repeat(254), 'none'],
  ['\ud800.com', 'none'],
];

for (const [raw, expected] of SPELLINGS)
  test(`the host ${JSON.stringify(raw).slice(0, 60)} is ${expected}`, () => {
    assert.equal(written(raw), expected);
  });

const label = fc.stringMatching(/^[A-Za-z0-9_äßéø漢-]{1,12}$/u);
const host = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6().map((ip) => `[${ip}]`),
  fc.domain(),
  fc.tuple(fc.domain(), fc.constantFrom('.', '')).map(([name, dot]) => name + dot),
);

/** A host as the URL standard has it, but for what is one to us: the root's dot, and addresses that stand for others. */
const MAPPED = /^::(?:ffff:[0-9a-f]+:[0-9a-f]+)?$|^64:ff9b::(?:[0-9a-f]+:)?[0-9a-f]*$/;

test('what the URL standard takes for a host has its form here', () => {
  fc.assert(
    fc.property(host, (raw) => {
      if (!URL.canParse(`http://${raw}`)) return;
      const standard = new URL(`http://${raw}`).hostname.replace(/^\[|\]$|\.$/g, '');
      if (MAPPED.test(standard) || standard === '0.0.0.0' || standard.length > 253) return;
      assert.equal(written(raw), standard);
    }),
    { numRuns: 3000 },
  );
});

test('a form is its own form, and any text has one or none without an error', () => {
  fc.assert(
    fc.property(fc.oneof(host, fc.string({ unit: 'binary' })), (raw) => {
      const once = written(raw);
      if (once !== 'none') assert.equal(written(once), once);
    }),
    { numRuns: 3000 },
  );
});
