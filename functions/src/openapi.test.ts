import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApiDocument } from '@vantio/schema/wire/openapi';
import { PROBLEMS } from '@vantio/schema/wire/problem';
import { createHouse } from './testing/local.ts';

type Node = { readonly [name: string]: unknown };

test('the served OpenAPI document is the one made from zod, and every reference in it leads somewhere', async (t) => {
  const house = createHouse(t);
  const server = await house.start();
  const response = await fetch(`${server.url}/api/v1/openapi.json`);
  const served = (await response.json()) as Node;
  assert.deepEqual(served, JSON.parse(JSON.stringify(openApiDocument())));
  assert.equal(served.openapi, '3.1.0');
  const references = JSON.stringify(served).matchAll(/"\$ref":"#\/([^"]+)"/g);
  for (const [, path = ''] of references) {
    const target = path.split('/').reduce<unknown>((node, name) => (node as Node)?.[name], served);
    assert.ok(target, `#/${path}`);
  }
});

test('every schema of the document describes an object, not itself', () => {
  const { components } = openApiDocument() as unknown as { components: { schemas: Node } };
  assert.deepEqual(Object.keys(components.schemas).sort(), [
    'ConfigAnswer',
    'Envelope',
    'IngestAnswer',
    'IngestBody',
    'Problem',
    'Record',
    'SignedReceipt',
    'SpendAnswer',
    'SpendRequest',
  ]);
  for (const [name, schema] of Object.entries(components.schemas))
    assert.equal((schema as Node).type, 'object', name);
});

test('every problem status is documented for the operation that can meet it', () => {
  const { paths } = openApiDocument() as unknown as {
    paths: Record<string, Record<string, { responses: Node }>>;
  };
  const documented = new Set(
    Object.values(paths)
      .flatMap((operations) => Object.values(operations))
      .flatMap(({ responses }) => Object.keys(responses).map(Number)),
  );
  // Of a path or a method that is none, and the sealer's of the cloud.
  const unasked = new Set([405, 501]);
  for (const [status] of Object.values(PROBLEMS))
    if (!unasked.has(status)) assert.ok(documented.has(status), String(status));
});
