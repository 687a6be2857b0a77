import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceContextOf } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test('the two forms are read, traceparent before the older one', () => {
  assert.deepEqual(traceContextOf({ traceparent: `00-${TRACE}-${SPAN}-01` }), {
    traceId: TRACE,
    spanId: SPAN,
    sampled: true,
  });
  const older = { 'x-cloud-trace-context': `${TRACE.toUpperCase()}/13235353014750950193;o=0` };
  assert.deepEqual(traceContextOf(older), { traceId: TRACE, spanId: SPAN, sampled: false });
  assert.deepEqual(traceContextOf({ 'x-cloud-trace-context': TRACE }), {
    traceId: TRACE,
    sampled: false,
  });
  const other = '1'.repeat(32);
  assert.equal(traceContextOf({ traceparent: `00-${other}-${SPAN}-00`, ...older })?.traceId, other);
  // A version that is not written yet may say more.
  assert.equal(traceContextOf({ traceparent: `cc-${TRACE}-${SPAN}-01-more` })?.traceId, TRACE);
});

test('what is not of the form is not there', () => {
  for (const traceparent of [
    '',
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01\nforged`,
    `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
    `00-${TRACE.slice(1)}"-${SPAN}-01`,
  ])
    assert.equal(traceContextOf({ traceparent }), undefined, traceparent);
  for (const header of [
    `${TRACE}/x`,
    `${TRACE}/1;o=1;x`,
    `${TRACE}/1;o=`,
    `${'0'.repeat(32)}/1`,
    `../../${TRACE}`,
    `${TRACE}/${'9'.repeat(21)}`,
  ])
    assert.equal(traceContextOf({ 'x-cloud-trace-context': header }), undefined, header);
  const overflowing = { 'x-cloud-trace-context': `${TRACE}/${2n ** 64n}` };
  assert.equal(traceContextOf(overflowing)?.spanId, undefined);
});
