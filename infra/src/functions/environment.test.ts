import * as assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CONFIG } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';
import { readBundle } from './bundle.ts';
import { FUNCTION_NAMES, type FunctionName } from './catalog.ts';

const BUNDLES = fileURLToPath(new URL('../../../functions/dist/bundles', import.meta.url));
const skip = existsSync(BUNDLES) ? false : 'no bundles: run scripts/build first';

/** Read on a machine with emulators only. */
const STAND_INS = [
  'VANTIO_KMS_HOST',
  'VANTIO_PUSH_CERTIFICATES_URL',
  'VANTIO_SECRET_MANAGER_HOST',
  'VANTIO_STORAGE_HOST',
];
const OURS = /\b(?:VANTIO_[A-Z_]+[A-Z]|REDIS_URL)\b/g;

/** Every name of a variable that stands in a bundle. */
function namesIn(name: FunctionName): readonly string[] {
  const folder = `${BUNDLES}/${name}`;
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
  return [...new Set(texts.flatMap((text) => text.match(OURS) ?? []))].sort();
}

describe('the real bundles', { skip }, () => {
  let program: Program;
  before(async () => {
    program = await runProgram(CONFIG, BUNDLES);
  });

  it('are there for each function, and for no other', () => {
    const folders = readdirSync(BUNDLES, { withFileTypes: true }).filter((e) => e.isDirectory());
    assert.deepEqual(folders.map(({ name }) => name).sort(), [...FUNCTION_NAMES].sort());
    for (const name of FUNCTION_NAMES) {
      const source = program.one('storage/bucketObject:BucketObject', `source-${name}`).inputs;
      assert.equal(source.name, `${name}-${readBundle(BUNDLES, name).sha256}.zip`);
    }
  });

  for (const name of FUNCTION_NAMES)
    it(`${name} is told what it reads, and nothing else`, () => {
      const { environmentVariables, secretEnvironmentVariables = [] } = program.one(
        'cloudfunctionsv2/function:Function',
        `function-${name}`,
      ).inputs.serviceConfig;
      const told = [
        ...Object.keys(environmentVariables),
        ...secretEnvironmentVariables.map(({ key }: { readonly key: string }) => key),
      ].filter((one) => one.match(OURS));
      const read = namesIn(name).filter((one) => !STAND_INS.includes(one));
      assert.deepEqual(told.sort(), read.toSorted());
    });
});
