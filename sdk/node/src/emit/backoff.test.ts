import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './answer.ts';
import { backoff, retryAfter } from './backoff.ts';

test('the wait grows to a bound and is jittered between half and the whole', () => {
  assert.equal(backoff(0, 0, 0), 500);
  assert.equal(backoff(0, 0, 1), 1000);
  assert.equal(backoff(3, 0, 1), 8000);
  assert.equal(backoff(1000, 0, 1), 60_000);
});

test('the wait is never shorter than Retry-After, nor longer than an hour and a quarter for it', () => {
  assert.ok(backoff(0, 30_000, 0) >= 30_000);
  assert.ok(backoff(0, 1e12, 1) <= 1.25 * 3_600_000);
});

test('those who are told to come back at one time come back over a quarter of it', () => {
  assert.equal(backoff(0, 60_000, 0), 60_000);
  assert.equal(backoff(0, 60_000, 1), 75_000);
});

test('Retry-After is read as seconds or a date, and as nothing when malformed', () => {
  assert.equal(retryAfter('120', 0), 120_000);
  assert.equal(retryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 0), 60_000);
  assert.equal(retryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 1e9), 0);
  for (const bad of [undefined, '', 'soon', '-5']) assert.equal(retryAfter(bad, 1e12), 0);
});

test('only a 202 that accounts for every record is storage', () => {
  const events = JSON.stringify({ events: [{}, {}] });
  assert.equal(judge(202, undefined, events, 2, 0).kind, 'stored');
  assert.equal(judge(202, undefined, events, 3, 0).kind, 'retry');
  assert.equal(judge(200, undefined, events, 2, 0).kind, 'retry');
  assert.equal(judge(202, undefined, '<html>', 2, 0).kind, 'retry');
});

test('a client error is a refusal, but for those that ask to come back', () => {
  for (const status of [400, 401, 403, 404, 413, 422])
    assert.equal(judge(status, undefined, '', 1, 0).kind, 'refused');
  for (const status of [408, 425, 429, 500, 503, 0])
    assert.equal(judge(status, undefined, '', 1, 0).kind, 'retry');
});
