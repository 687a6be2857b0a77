// Makes dist/: CommonJS files, thin ESM wrappers, the preloads and the types. Deterministic: same sources, same bytes.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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
  'getPolicy',
  'explain',
  'guardBedrock',
  'guardMcp',
  'VantioBlockedError',
];

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const options = {
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.12',
  external: ['core', 'policy', 'redact', 'patterns', 'spend', 'mcp'].map((name) => `./${name}.cjs`),
  define: { __VERSION__: JSON.stringify(version) },
  legalComments: 'none',
  logLevel: 'warning',
};
await build({
  ...options,
  entryPoints: [
    { in: join(root, 'src/index.ts'), out: 'index' },
    { in: join(root, 'src/api.ts'), out: 'core' },
    { in: join(root, 'src/trace-children.ts'), out: 'trace-children' },
  ],
  // Names and lines stay readable in a host's stack traces and to whoever audits the package.
  minify: false,
});
// Zod's messages in fifty languages: ours are our own.
const withoutLocales = {
  name: 'without-locales',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, () => ({ path: 'locales', namespace: 'none' }));
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: '', loader: 'js' }));
  },
};
await build({
  ...options,
  entryPoints: ['policy', 'redact', 'pattern', 'spend'].map((engine) => ({
    in: join(root, `src/enforce/${engine}-engine.ts`),
    out: engine === 'pattern' ? 'patterns' : engine,
  })),
  minify: true,
  keepNames: true,
  plugins: [withoutLocales],
});
// It keeps state, and has that of core.cjs: whatever it imports from outside of its own folders is there already.
const sharingCore = {
  name: 'sharing-core',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./, namespace: 'file' }, ({ path, resolveDir }) => {
      const own = relative(join(root, 'src'), join(resolveDir, path));
      if (/^(enforce\/)?mcp\//.test(own)) return undefined;
      if (own.startsWith('..')) return undefined;
      return { path: 'core', namespace: 'core' };
    });
    onLoad({ filter: /.*/, namespace: 'core' }, () => ({
      contents: "module.exports = require('./core.cjs').shared();",
      loader: 'js',
    }));
  },
};
await build({
  ...options,
  entryPoints: [{ in: join(root, 'src/enforce/mcp-engine.ts'), out: 'mcp' }],
  plugins: [sharingCore],
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
