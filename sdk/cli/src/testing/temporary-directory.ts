import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory that goes with the test. Its name has a space, as a user's may. */
export function temporaryDirectory(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'vantio cli '));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
