import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FUNCTION_NAMES } from '../functions/catalog.ts';

/** A folder as `scripts/build` leaves it; gone when the process ends. */
export function makeBundles(): string {
  const bundles = mkdtempSync(join(tmpdir(), 'vantio-bundles-'));
  process.once('exit', () => rmSync(bundles, { recursive: true, force: true }));
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(bundles, name));
    writeFileSync(join(bundles, name, 'package.json'), '{"type":"module","main":"index.js"}');
    writeFileSync(join(bundles, name, 'index.js'), `export const ${name} = () => {};\n`);
  }
  return bundles;
}
