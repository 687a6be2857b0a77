import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEventStream, type ServerEvent } from './event-stream.ts';

function read(pieces: readonly (string | Uint8Array)[]): readonly ServerEvent[] {
  const events: ServerEvent[] = [];
  const stream = createEventStream((event) => void events.push(event));
  for (const piece of pieces) stream.push(Buffer.from(piece as string));
  return events;
}

const message = (data: string, hasId = false) => ({ event: 'message', data, hasId });

test('events are read with any end of line, in any pieces', () => {
  const text =
    ': hello\nid: 1\ndata: {"a":\ndata:1}\n\nevent: endpoint\ndata: /m?s=1\n\ndata: é€😀\n\n';
  const expected = [
    message('{"a":\n1}', true),
    { event: 'endpoint', data: '/m?s=1', hasId: false },
    message('é€😀'),
  ];
  for (const end of ['\n', '\r\n', '\r']) {
    const bytes = Buffer.from(text.replaceAll('\n', end));
    assert.deepEqual(read([bytes]), expected, JSON.stringify(end));
    assert.deepEqual(
      read([...bytes].map((byte) => Uint8Array.of(byte))),
      expected,
      JSON.stringify(end),
    );
  }
});

test('an event without data tells only that the stream can be taken up again', () => {
  assert.deepEqual(read(['id: 7\nretry: 10\ndata: \n\n']), [message('', true)]);
  assert.deepEqual(read(['id: 7\n\n']), [{ event: '', data: '', hasId: true }]);
});

test('an event that is not ended is none', () => {
  assert.deepEqual(read(['data: {"a":1}\n']), []);
});

test('a line and an event beyond the bound do not fill the memory, and what follows is read', () => {
  const piece = 'x'.repeat(1024 * 1024);
  const long = ['data: ', ...Array<string>(20).fill(piece), '\n\n'];
  const many = Array<string>(20).fill(`data: ${piece}\n`);
  const events = read([...long, 'data: between\n\n', ...many, '\n', 'data: after\n\n']);
  assert.equal(events.length, 4);
  assert.deepEqual(events[1], message('between'));
  assert.deepEqual(events.at(-1), message('after'));
  assert.ok(events.every(({ data }) => data.length <= 9 * 1024 * 1024));
});

test('however a stream is cut, the events are the same', () => {
  const line = fc.constantFrom(
    'data: {"a":1}',
    'data:b',
    'id: 1',
    'event: x',
    ': é€😀',
    '',
    'odd',
    'data',
  );
  const end = fc.constantFrom('\n', '\r\n', '\r');
  const stream = fc.array(fc.tuple(line, end), { maxLength: 30 });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.map(([text, by]) => text + by).join(''));
      const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
      const pieces = [...places, bytes.length].map((to, at) =>
        bytes.subarray(places[at - 1] ?? 0, to),
      );
      assert.deepEqual(read(pieces), read([bytes]));
    }),
  );
});
