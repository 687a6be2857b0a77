import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResponseWatch } from './body/body-guard.ts';
import { type Handler, watchedHandler } from './undici-handler.ts';

type Method = (...args: unknown[]) => unknown;
type Methods = Record<string, Method | undefined>;

function watching(told: string[]): ResponseWatch {
  return {
    restores: false,
    head: (status, header) => void told.push(`head ${status} ${header('content-type')}`),
    data: (chunk) => {
      told.push(`data ${chunk.length}`);
      return chunk;
    },
    end: () => {
      told.push('end');
      return undefined;
    },
    fail: () => void told.push('fail'),
  };
}
const RAW = [
  Buffer.from('Content-Type'),
  Buffer.from('text/x'),
  Buffer.from('A'),
  Buffer.from('b'),
];

test('a handler of no class has the methods that the other has, and each hands on what it was given', () => {
  const told: string[] = [];
  const calls: unknown[][] = [];
  const note =
    (name: string, result?: unknown): Method =>
    (...args) => {
      calls.push([name, ...args]);
      return result;
    };
  const handler = {
    onConnect: note('onConnect'),
    onHeaders: note('onHeaders', true),
    onData: note('onData', false),
    onComplete: note('onComplete'),
    onError: note('onError'),
  };
  const watched = watchedHandler(handler as Handler, watching(told)) as Methods;
  assert.equal(watched.onBodySent, undefined);
  assert.equal(watched.onUpgrade, undefined);
  assert.equal(watched.onRequestStart, undefined);
  watched.onConnect?.('abort', 'context');
  assert.equal(watched.onHeaders?.(100, [], 'resume', 'Continue'), true);
  watched.onHeaders?.(200, RAW, 'resume', 'OK');
  const chunk = Buffer.from('four');
  assert.equal(watched.onData?.(chunk), false);
  watched.onComplete?.('trailers');
  assert.deepEqual(told, ['head 200 text/x', 'data 4', 'end']);
  assert.deepEqual(calls, [
    ['onConnect', 'abort', 'context'],
    ['onHeaders', 100, [], 'resume', 'Continue'],
    ['onHeaders', 200, RAW, 'resume', 'OK'],
    ['onData', chunk],
    ['onComplete', 'trailers'],
  ]);
});

test('a handler of a class keeps its private fields, what else it has, and takes what is set', () => {
  class Counting {
    #chunks = 0;
    opaque: unknown;
    onConnect(): void {}
    onHeaders(): boolean {
      return true;
    }
    onData(): boolean {
      this.#chunks++;
      return true;
    }
    count(): number {
      return this.#chunks;
    }
  }
  const handler = new Counting();
  const watched = watchedHandler(
    handler as unknown as Handler,
    watching([]),
  ) as unknown as Counting;
  (watched as unknown as Methods).onData?.(Buffer.from('x'));
  watched.opaque = 'set';
  assert.equal(watched.count(), 1);
  assert.equal(handler.opaque, 'set');
});

test('methods that are not known, and those of the other style, are there as well', () => {
  const both = {
    onConnect: () => 'old',
    onRequestStart: () => 'new',
    onResponseStart: () => undefined,
  };
  const watched = watchedHandler(both as Handler, watching([])) as Methods;
  assert.equal(watched.onConnect?.(), 'old');
  assert.equal(watched.onRequestStart?.(), 'new');
  const more = { onHeaders: () => true, onData: () => true, onSomethingElse: () => 'else' };
  const other = watchedHandler(more as Handler, watching([])) as Methods;
  assert.equal(other.onSomethingElse?.(), 'else');
});
