import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fixturePath } from './testing/run-agent.ts';

const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
const tsc = join(dirname(manifest), 'bin/tsc');
const OPTIONS =
  '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --module nodenext --target es2022';

for (const [door, file] of [
  ['import', 'consumer.mts'],
  ['require', 'consumer.cts'],
] as const)
  test(`a program in TypeScript has the types by ${door}`, async () => {
    const args = [tsc, ...OPTIONS.split(' '), '--types', '', fixturePath(`types/${file}`)];
    const compiled = await promisify(execFile)(process.execPath, args).catch(
      ({ stdout }: { stdout: string }) => ({ stdout }),
    );
    assert.equal(compiled.stdout, '');
  });
