import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../src/testing/config.ts';
import { type Program, runProgram } from '../src/testing/run-program.ts';
import { asked, BROKEN, OWN_KEY } from './broken-resources.ts';
import { CMEK_RULE, RULES, type Rule } from './rules.ts';

const faults = ({ made }: Program, rules: readonly Rule[]): readonly string[] =>
  made.flatMap((resource) =>
    rules.flatMap(({ code, faultOf }) => {
      const fault = faultOf(resource);
      return fault === undefined ? [] : [`${code}: ${resource.type} ${resource.name}: ${fault}`];
    }),
  );

describe('policy over every resource', () => {
  let dev: Program;
  let full: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    full = await runProgram(FULL);
  });

  it('is kept', () => {
    assert.deepEqual(faults(dev, RULES), []);
    assert.deepEqual(faults(full, [...RULES, CMEK_RULE]), []);
  });

  it('sees that nothing is encrypted with an own key where none was chosen', () => {
    assert.ok(faults(dev, [CMEK_RULE]).length > 10);
  });

  it('finds exactly three public endpoints', () => {
    const open = full.made.filter(({ inputs }) => inputs.member === 'allUsers');
    assert.deepEqual(open.map(({ inputs }) => inputs.name).sort(), [
      'vantio-config',
      'vantio-ingest',
      'vantio-log',
    ]);
  });
});

describe('each rule', () => {
  for (const { code, why, faultOf } of [...RULES, CMEK_RULE])
    it(`${code}: ${why}`, () => {
      const resources = BROKEN[code] ?? [];
      assert.ok(resources.length > 0);
      for (const resource of resources) assert.notEqual(faultOf(resource), undefined);
    });

  it('takes the own key for the own key', () => {
    const topic = asked('pubsub/topic:Topic', { kmsKeyName: OWN_KEY });
    assert.equal(CMEK_RULE.faultOf(topic), undefined);
  });
});
