import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from './config.ts';
import { enumOf } from './documented-enum.ts';
import { type ProviderSchema, readProviderSchema } from './provider-schema.ts';
import { type Program, runProgram } from './run-program.ts';
import { unknownNames } from './written-names.ts';

const moduleOf = (type: string): string => type.split(':')[1]?.split('/')[0] ?? '';

describe('inputs against the schema in the provider’s package', () => {
  let programs: readonly Program[];
  let schema: ProviderSchema;
  before(async () => {
    programs = [await runProgram(CONFIG), await runProgram(FULL)];
    const types = programs.flatMap(({ made }) => made.map(({ type }) => moduleOf(type)));
    schema = readProviderSchema(new Set(types));
  });

  it('finds nothing unknown, missing, of the wrong type, or off a documented list', () => {
    for (const { made } of programs)
      for (const resource of made)
        assert.deepEqual(schema.faultsOf(resource), [], `${resource.type} ${resource.name}`);
    assert.ok(schema.enumsChecked() > 100, `${schema.enumsChecked()} enums`);
  });

  it('sees each kind of fault', () => {
    const instance = { config: 'c', displayName: 'd', edition: 'STANDARD', processingUnits: 100 };
    const faults = (inputs: object) =>
      schema.faultsOf({ type: 'gcp:spanner/instance:Instance', inputs });
    assert.deepEqual(faults(instance), []);
    const { config: _, ...without } = instance;
    assert.deepEqual(faults(without), ['gcp:spanner/instance:Instance.config is required']);
    assert.match(faults({ ...instance, editon: 'STANDARD' })[0] ?? '', /editon is unknown$/);
    assert.match(faults({ ...instance, processingUnits: '100' })[0] ?? '', /may not be a string$/);
    assert.match(faults({ ...instance, labels: ['a'] })[0] ?? '', /labels is no list$/);
    const deep = { autoscalingConfig: { autoscalingLimits: { minimum: 1 } } };
    assert.match(faults({ ...instance, ...deep })[0] ?? '', /Limits\.minimum is unknown$/);
    const topic = { schemaSettings: { schema: 's', encoding: 'XML' } };
    assert.match(
      schema.faultsOf({ type: 'gcp:pubsub/topic:Topic', inputs: topic })[0] ?? '',
      /encoding is XML, not .*JSON/,
    );
  });
});

describe('documented lists of values', () => {
  it('are read in the forms that the package uses', () => {
    const found = (doc: string) => [...(enumOf(doc) ?? [])];
    assert.deepEqual(found('Mode. Default is `A`. Possible values are: `A`, `B`.'), ['A', 'B']);
    assert.deepEqual(found('Acceptable. Valid values are "x" and "y".'), ['x', 'y']);
    assert.equal(enumOf('The name, for example `a`.'), undefined);
  });
});

describe('names as they are written', () => {
  it('are all known to the resource, behind a spread, too', () => {
    const { unknown, resources } = unknownNames();
    assert.deepEqual(unknown, []);
    assert.ok(resources > 60, `${resources} resources`);
  });

  it('are seen when they are not', () => {
    const path = new URL('../made-up.ts', import.meta.url).pathname;
    const text = `import * as gcp from '@pulumi/gcp';
      const common = { project: 'p', lables: {} };
      new gcp.pubsub.Topic('a', { ...common, name: 'a' });`;
    assert.deepEqual(unknownNames(new Map([[path, text]])).unknown, ['gcp.pubsub.Topic: lables']);
  });
});
