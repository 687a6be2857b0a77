// Makes dist/vantio-verify.mjs: the verify command as one file that needs nothing but Node. Same sources, same bytes.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** There is no package.json beside the one file. */
const fixedVersion = {
  name: 'fixed version',
  setup: (bundle) =>
    bundle.onLoad({ filter: /[\\/]src[\\/]version\.ts$/ }, () => ({
      contents: `export const VERSION = ${JSON.stringify(version)};`,
    })),
};

await build({
  entryPoints: [join(root, 'src/verify-main.ts')],
  outfile: join(root, 'dist/vantio-verify.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.12',
  // Names and lines stay readable to whoever audits what is to judge his ledger.
  minify: false,
  legalComments: 'inline',
  // commander is CommonJS, and asks for Node's own modules by require().
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
  plugins: [fixedVersion],
  logLevel: 'warning',
});
