import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runPytest } from './python.ts';

const scratch = mkdtempSync(join(tmpdir(), 'vantio-python-suite-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const python = process.env.VANTIO_PYTHON ?? '';
const skip = python === '' && 'no Python with the locked packages: name the suite python, too';

/** Runs one file of tests of that text, in a folder of its own. */
function pytest(text: string): ReturnType<typeof runPytest> {
  const folder = mkdtempSync(join(scratch, 'tests-'));
  writeFileSync(join(folder, 'test_sample.py'), text);
  return runPytest(python, folder);
}

test('what passes, fails and is skipped is counted one by one', { skip }, async () => {
  const counts = await pytest(
    'import pytest\ndef test_a(): pass\ndef test_b(): assert False\ndef test_c(): pytest.skip("why")\n',
  );
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 1 });
});

test('a file that cannot be loaded, and one without tests, are failures', { skip }, async () => {
  assert.deepEqual(await pytest('import nothing_of_this_name\n'), {
    passed: 0,
    failed: 1,
    skipped: 0,
  });
  assert.deepEqual(await pytest('x = 1\n'), { passed: 0, failed: 1, skipped: 0 });
});

test('a run that is broken off is a failure', { skip }, async () => {
  const counts = await pytest('import os\ndef test_a(): os._exit(0)\n');
  assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
});
