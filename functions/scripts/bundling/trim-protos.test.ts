import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { protobuf } from 'google-gax';
import { type ProtoTree, trimProtos } from './trim-protos.ts';

const protosOf = (path: string): ProtoTree => {
  const file = new URL(`../../../node_modules/${path}/build/protos/protos.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as ProtoTree;
};

test('what is kept of a method resolves, means the same on the wire, and is small', () => {
  const whole = protosOf('@google-cloud/pubsub-api');
  const part = trimProtos(whole, ['google.pubsub.v1.Publisher.Publish']);
  const [before, after] = [whole, part].map((tree) => {
    const root = protobuf.Root.fromJSON(tree as protobuf.INamespace);
    root.resolveAll();
    return root;
  });
  assert.ok(before && after);
  const { methods } = after.lookupService('google.pubsub.v1.Publisher');
  assert.deepEqual(Object.keys(methods), ['Publish']);
  const request = {
    topic: 'projects/p/topics/t',
    messages: [{ data: Buffer.from('x'), attributes: { reason: 'r' }, publishTime: { nanos: 1 } }],
  };
  const [full, small] = [before, after].map((root) => {
    const type = root.lookupType('google.pubsub.v1.PublishRequest');
    return Buffer.from(type.encode(type.fromObject(request)).finish()).toString('hex');
  });
  assert.equal(small, full);
  assert.equal(after.lookup('google.pubsub.v1.Subscriber'), null);
  assert.ok(JSON.stringify(part).length * 10 < JSON.stringify(whole).length);
});

test('a service keeps all that it has, or its name alone', () => {
  const whole = protosOf('@google-cloud/pubsub-api');
  const methodsOf = (name: string): readonly string[] => {
    const root = protobuf.Root.fromJSON(trimProtos(whole, [name]) as protobuf.INamespace);
    root.resolveAll();
    return Object.keys(root.lookupService('google.pubsub.v1.Publisher').methods);
  };
  assert.ok(methodsOf('google.pubsub.v1.Publisher').length > 5);
  assert.deepEqual(methodsOf('google.pubsub.v1.Publisher.'), []);
});

test('a call that the protocol has not, or a type that is missing from it, is named', () => {
  const protos: ProtoTree = {
    nested: {
      a: {
        nested: {
          S: { methods: { Do: { requestType: 'In', responseType: 'Gone' } } },
          In: { fields: { x: { type: 'string' } } },
        },
      },
    },
  };
  assert.throws(() => trimProtos(protos, ['a.S.Undo']), /no a\.S\.Undo/);
  assert.throws(() => trimProtos(protos, ['a.S.Do']), /a\.S needs Gone/);
});
