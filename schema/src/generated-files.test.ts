import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generatedFiles } from './generated-files.ts';

for (const [path, text] of generatedFiles())
  test(`${path.pathname.split('/').slice(-2).join('/')} is what the zod schemas make of it`, () => {
    assert.equal(
      readFileSync(path, 'utf8') === text,
      true,
      `${path.pathname} is stale: run \`npm run generate -w schema\``,
    );
  });
