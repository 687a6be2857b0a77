import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fixturePath } from '../testing/run-agent.ts';
import { programFolder } from './testing/program-folder.ts';

const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
const tsc = join(dirname(manifest), 'bin/tsc');
/** Frameworks' own types are theirs to get right. */
const OPTIONS =
  '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --module nodenext --target es2022';
const PACKAGES = ['ai', '@langchain/core', '@openai/agents', 'zod'];

for (const file of readdirSync(fixturePath('types/doors')))
  test(`what a door gives fits the types of its framework: ${file}`, async () => {
    const program = join(programFolder(PACKAGES), file);
    copyFileSync(fixturePath(`types/doors/${file}`), program);
    const args = [tsc, ...OPTIONS.split(' '), '--types', '', program];
    const compiled = await promisify(execFile)(process.execPath, args).catch(
      ({ stdout }: { stdout: string }) => ({ stdout }),
    );
    assert.equal(compiled.stdout, '');
  });
