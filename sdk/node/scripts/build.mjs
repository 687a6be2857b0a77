// Makes dist/: two CommonJS files, thin ESM wrappers, the preloads and the types. Deterministic: same sources, same bytes.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const NAMES = [
  'shield',
  'getCurrentTraceId',
  'reportAnomaly',
  'childEnv',
  'continueTrace',
  'flush',
  'shutdown',
];

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
await build({
  entryPoints: [
    { in: join(root, 'src/index.ts'), out: 'index' },
    { in: join(root, 'src/api.ts'), out: 'core' },
    { in: join(root, 'src/trace-children.ts'), out: 'trace-children' },
  ],
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.12',
  external: ['./core.cjs'],
  define: { __VERSION__: JSON.stringify(version) },
  // Names and lines stay readable in a host's stack traces and to whoever audits the package.
  minify: false,
  legalComments: 'none',
  logLevel: 'warning',
});
write(
  'index.mjs',
  `import vantio from './index.cjs';\nexport const { ${NAMES.join(', ')} } = vantio;\n`,
);
for (const name of ['register.cjs', 'register.mjs'])
  copyFileSync(join(root, 'src/preload', name), join(dist, name));
for (const name of ['index.d.ts', 'index.d.cts'])
  copyFileSync(join(root, 'types/index.d.ts'), join(dist, name));

function write(name, text) {
  writeFileSync(join(dist, name), text);
}
