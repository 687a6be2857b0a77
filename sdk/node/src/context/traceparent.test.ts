import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

test('a traceparent is read as it is written', () => {
  assert.deepEqual(parseTraceparent(formatTraceparent(trace, span)), {
    traceId: trace,
    spanId: span,
    flags: 3,
  });
});

test('of its flags those of W3C Trace Context level 2 are kept, and go on as they came', () => {
  for (const [came, flags, goes] of [
    ['00', 0, '00'],
    ['01', 1, '01'],
    ['02', 2, '02'],
    ['ff', 3, '03'],
  ] as const) {
    assert.equal(parseTraceparent(`00-${trace}-${span}-${came}`)?.flags, flags);
    assert.equal(formatTraceparent(trace, span, flags), `00-${trace}-${span}-${goes}`);
  }
});

test('a later version may carry more, version 00 may not', () => {
  assert.ok(parseTraceparent(`01-${trace}-${span}-01-more`));
  assert.equal(parseTraceparent(`00-${trace}-${span}-01-more`), undefined);
});

test('what is not a traceparent reads as none', () => {
  for (const text of [
    '',
    trace,
    `00-${trace.toUpperCase()}-${span}-01`,
    `ff-${trace}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace}-${span}-01\n`,
    `cc-${trace}-${span}-01-${'a'.repeat(5000)}`,
  ])
    assert.equal(parseTraceparent(text), undefined, text.slice(0, 80));
});
