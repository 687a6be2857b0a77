import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { sdk } from '../testing/sdk.ts';

const { continueTrace, getCurrentTraceId, shield } = sdk;
const TRACE = /^[0-9a-f]{32}$/;
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a shielded function passes this, arguments and result through', () => {
  const adder = shield(function (this: { base: number }, a: number, b: number) {
    return this.base + a + b;
  });
  assert.equal(adder.call({ base: 1 }, 2, 3), 6);
  assert.equal(adder.length, 2);
  assert.equal(shield(function named() {}).name, 'named');
});

test('what a shielded function throws is thrown, the very same', () => {
  const error = new Error('own');
  const failing = shield('failing', () => {
    throw error;
  });
  assert.throws(failing, (thrown) => thrown === error);
});

test('what a shielded async function rejects with is rejected, the very same', async () => {
  const error = new Error('own');
  await assert.rejects(
    shield(async () => {
      throw error;
    })(),
    (thrown) => thrown === error,
  );
});

test('shield refuses what is not a function', () => {
  assert.throws(() => shield('name' as never), { name: 'TypeError' });
});

test('a trace follows timers, promises and nested shields, and ends with its shield', async () => {
  const inner = shield('inner', async () => getCurrentTraceId());
  const seen = await shield(async () => {
    const first = getCurrentTraceId();
    await tick();
    return [first, getCurrentTraceId(), await inner()];
  })();
  assert.match(seen[0] ?? '', TRACE);
  assert.deepEqual(new Set(seen).size, 1);
  assert.equal(getCurrentTraceId(), undefined);
});

test('calls side by side have traces of their own', async () => {
  const call = shield(async () => {
    await tick();
    return getCurrentTraceId();
  });
  const seen = await Promise.all([call(), call(), call()]);
  assert.equal(new Set(seen).size, 3);
});

test('an async generator stays in its trace although it is consumed outside', async () => {
  const generate = shield(async function* () {
    yield getCurrentTraceId();
    await tick();
    yield getCurrentTraceId();
  });
  const seen: (string | undefined)[] = [];
  for await (const id of generate()) seen.push(id);
  assert.match(seen[0] ?? '', TRACE);
  assert.equal(seen[0], seen[1]);
});

test('a generator that came out of an async function stays in its trace', async () => {
  const open = shield(async () => {
    async function* generate() {
      yield getCurrentTraceId();
    }
    return { id: getCurrentTraceId(), items: generate() }.items;
  });
  for await (const id of await open()) assert.match(id ?? '', TRACE);
});

test('leaving a generator early closes it', async () => {
  let closed = false;
  const generate = shield(function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      closed = true;
    }
  });
  for (const value of generate()) {
    assert.equal(value, 1);
    break;
  }
  assert.ok(closed);
});

test('listeners of a returned stream run in its trace', async () => {
  let made: string | undefined;
  const stream = shield(() => {
    made = getCurrentTraceId();
    return Readable.from(['a', 'b']);
  })();
  assert.ok(stream instanceof Readable);
  let heard: string | undefined;
  stream.on('data', () => {
    heard = getCurrentTraceId();
  });
  await once(stream, 'close');
  assert.equal(heard, made);
});

test('listeners of a returned emitter run in its trace', () => {
  const emitter = shield(() => Object.assign(new EventEmitter(), { id: getCurrentTraceId() }))();
  let heard: string | undefined;
  emitter.on('x', () => {
    heard = getCurrentTraceId();
  });
  emitter.emit('x');
  assert.equal(heard, emitter.id);
});

test('an error that no listener of a returned emitter hears still throws', () => {
  const emitter = shield(() => new EventEmitter())();
  assert.throws(() => emitter.emit('error', new Error('unheard')), /unheard/);
});

test('a lazy thenable does its work in the trace, once', async () => {
  let runs = 0;
  const query = shield(() => ({
    // biome-ignore lint/suspicious/noThenProperty: query builders are made like this.
    then(resolve: (id: string | undefined) => void) {
      runs++;
      resolve(getCurrentTraceId());
    },
  }));
  const lazy = query();
  assert.equal(runs, 0);
  assert.match((await (lazy as PromiseLike<string>)) ?? '', TRACE);
  assert.equal(runs, 1);
});

test('a subclass of Promise keeps its methods and its private fields', async () => {
  class ApiPromise<T> extends Promise<T> {
    #secret = 7;
    asResponse(): number {
      return this.#secret;
    }
  }
  const call = shield(
    () =>
      new ApiPromise<string | undefined>((resolve) => {
        setImmediate(() => resolve(getCurrentTraceId()));
      }),
  );
  const promise = call();
  assert.ok(promise instanceof ApiPromise);
  assert.equal(promise.asResponse(), 7);
  assert.match((await promise) ?? '', TRACE);
  assert.match((await promise.finally(() => undefined)) ?? '', TRACE);
});

test('a web stream stays readable, and is still a web stream to whoever takes one', async () => {
  const open = shield(
    () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('body'));
          controller.close();
        },
      }),
  );
  assert.equal(await new Response(open()).text(), 'body');
  const reader = open().getReader();
  assert.equal(Buffer.from((await reader.read()).value).toString(), 'body');
  assert.equal((await reader.read()).done, true);
});

test('a W3C traceparent is continued, and a malformed one changes nothing', async () => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  const current = async (): Promise<string | undefined> => getCurrentTraceId();
  assert.equal(await continueTrace(`00-${id}-b7ad6b7169203331-01`, current), id);
  assert.equal(await continueTrace(`00-${id}-b7ad6b7169203331-01`, shield(current)), id);
  for (const bad of [
    `ff-${id}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    'x',
    '',
    null,
    undefined,
  ])
    assert.equal(await continueTrace(bad, current), undefined);
});
