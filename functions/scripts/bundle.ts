/**
 * Makes dist/bundles/NAME/ for every entry in src/cloud/entries: what is uploaded as the function NAME. `--out DIR` makes
 * them elsewhere. Run it by scripts/build, after tsc: schema/ is taken from its dist.
 */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BundleSize, makeBundle } from './bundling/make-bundle.ts';

const workspace = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { out: { type: 'string', default: join(workspace, 'dist/bundles') } },
});
const out = resolve(values.out);
const names = readdirSync(join(workspace, 'src/cloud/entries'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();

// Made beside its place and then moved there: whoever reads meanwhile finds the old bundles or the new, never half of one.
mkdirSync(join(out, '..'), { recursive: true });
const fresh = mkdtempSync(`${out}-`);
try {
  const sizes: Record<string, BundleSize> = {};
  for (const name of names) sizes[name] = await makeBundle(name, join(fresh, name));
  writeFileSync(join(fresh, 'sizes.json'), `${JSON.stringify(sizes, undefined, 2)}\n`);
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
  for (const [name, { start, total }] of Object.entries(sizes))
    console.log(`${name}: ${kib(start)} KiB at its start, ${kib(total)} KiB in all`);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function kib(bytes: number): number {
  return Math.round(bytes / 1024);
}
