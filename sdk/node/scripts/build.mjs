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
  'traceHeaders',
  'flush',
  'shutdown',
  'getPolicy',
  'explain',
  'guardBedrock',
  'guardMcp',
  'VantioBlockedError',
];

/** The other doors: one import each, in small files beside the library, which they take as it is loaded. */
const DOORS = {
  ai: { from: 'doors/ai/ai.ts', names: ['guardTools', 'shieldMiddleware'] },
  langchain: { from: 'doors/langchain/shield-callback.ts', names: ['shieldCallback'] },
  'openai-agents': {
    from: 'doors/openai-agents/openai-agents.ts',
    names: ['guardAgent', 'shieldProcessor'],
  },
  otel: { from: 'doors/otel/bridge-otel.ts', names: ['bridgeOtel'] },
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const options = {
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.12',
  external: ['index', 'core', 'enforce', 'policy', 'redact', 'patterns', 'spend', 'mcp'].map(
    (name) => `./${name}.cjs`,
  ),
  define: { __VERSION__: JSON.stringify(version) },
  legalComments: 'none',
  // Of a whole file, not of each part of it.
  banner: { js: '"use strict";' },
  tsconfigRaw: { compilerOptions: { alwaysStrict: false } },
  logLevel: 'warning',
};
const { metafile } = await build({
  ...options,
  entryPoints: [
    { in: join(root, 'src/index.ts'), out: 'index' },
    { in: join(root, 'src/api.ts'), out: 'core' },
    { in: join(root, 'src/trace-children.ts'), out: 'trace-children' },
    ...Object.entries(DOORS).map(([out, { from }]) => ({ in: join(root, 'src', from), out })),
  ],
  // Names and lines stay readable in a host's stack traces and to whoever audits the package.
  minify: false,
  absWorkingDir: root,
  metafile: true,
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
  // Names are not kept: esbuild would give each closure its own whenever one is made, which is on every request.
  minify: true,
  plugins: [withoutLocales],
});
// They keep state, and have that of core.cjs: what core.cjs is made of is not bundled again. What both of them are made of
// each has for itself, and so it must keep none.
const sharedNames = await namesIn('src/shared.ts');
const made = await Promise.all(
  ['enforce', 'mcp'].map((engine) =>
    build({
      ...options,
      absWorkingDir: root,
      entryPoints: [{ in: join(root, `src/enforce/${engine}-engine.ts`), out: engine }],
      plugins: [sharingCore(new Set(Object.keys(metafile.outputs['dist/core.cjs'].inputs)))],
      metafile: true,
    }),
  ),
);
const [enforcing, mcp] = made.map((each) => Object.keys(each.metafile.inputs));
const STATELESS = new Set(
  ['agents', 'body/codecs', 'body/max-body', 'body/request-json', 'watch-readable'].map(
    (name) => `src/enforce/${name}.ts`,
  ),
);
for (const path of mcp)
  if (path.startsWith('src/') && enforcing.includes(path) && !STATELESS.has(path))
    throw new Error(`${path} is in enforce.cjs and in mcp.cjs`);
for (const [door, names] of [
  ['index', NAMES],
  ...Object.entries(DOORS).map(([name, { names }]) => [name, names]),
]) {
  write(
    `${door}.mjs`,
    `import door from './${door}.cjs';\nexport const { ${names.join(', ')} } = door;\n`,
  );
  for (const suffix of ['d.ts', 'd.cts'])
    copyFileSync(join(root, `types/${door}.d.ts`), join(dist, `${door}.${suffix}`));
}
for (const name of ['register.cjs', 'register.mjs'])
  copyFileSync(join(root, 'src/preload', name), join(dist, name));

function write(name, text) {
  writeFileSync(join(dist, name), text);
}

function sharingCore(inCore) {
  return {
    name: 'sharing-core',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\./, namespace: 'file' }, ({ path, resolveDir }) => {
        const own = relative(root, join(resolveDir, path));
        return own.startsWith('src/') && inCore.has(own)
          ? { path: own, namespace: 'core' }
          : undefined;
      });
      onResolve({ filter: /^core$/, namespace: 'core' }, () => ({
        path: 'core',
        namespace: 'all',
      }));
      onLoad({ filter: /.*/, namespace: 'all' }, () => ({
        contents: "export const core = require('./core.cjs').shared();",
      }));
      onLoad({ filter: /.*/, namespace: 'core' }, ({ path }) => {
        const names = sharedNames.get(path);
        if (names === undefined) throw new Error(`src/shared.ts lacks ${path}`);
        return { contents: `import { core } from 'core'; export const { ${names} } = core;` };
      });
    },
  };
}

/** What the modules that are put together there export, by their paths: each under a name of its own. */
async function namesIn(shared) {
  const owners = new Map();
  const all = new Map();
  for (const [, path] of readFileSync(join(root, shared), 'utf8').matchAll(/'\.\/(.+\.ts)'/g)) {
    const names = await exportsOf(`src/${path}`);
    all.set(`src/${path}`, names);
    for (const name of names) {
      if (owners.has(name)) throw new Error(`${owners.get(name)} and ${path} both export ${name}`);
      owners.set(name, path);
    }
  }
  return all;
}

async function exportsOf(path) {
  const { metafile } = await build({
    ...{ absWorkingDir: root, entryPoints: [path], outdir: dist },
    ...{ format: 'esm', write: false, metafile: true },
  });
  return Object.values(metafile.outputs).flatMap(({ exports }) => exports);
}
