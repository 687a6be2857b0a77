// Makes dist/vantio-verify.browser.mjs, the verifier for browsers, and dist/vantio-verify.html, a page that holds it and needs
// nothing else. The verifier's own sources are those of the command line; what they use of Node is put in their place.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const browser = join(root, 'browser');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What stands in for a module of Node's, or of ours that asks Node. */
const standIns = {
  name: 'stand-ins',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^node:/ }, ({ path }) => ({
      path: join(browser, 'node', `${path.slice('node:'.length)}.ts`),
    }));
    bundle.onResolve({ filter: /[\\/]invocation\.ts$/ }, () => ({
      path: join(browser, 'invocation.ts'),
    }));
    bundle.onLoad({ filter: /[\\/]src[\\/]version\.ts$/ }, () => ({
      contents: `export const VERSION = ${JSON.stringify(version)};`,
    }));
  },
};

const common = {
  bundle: true,
  platform: 'browser',
  format: 'esm',
  // Ed25519 in WebCrypto came later than all of this.
  target: 'es2023',
  inject: [join(browser, 'node/buffer.ts')],
  minify: false,
  legalComments: 'inline',
  plugins: [standIns],
  logLevel: 'warning',
  // Signing asks node:crypto for what a verifier has not, and a second thread for the file it is in; neither is reached.
  logOverride: { 'import-is-undefined': 'silent', 'empty-import-meta': 'silent' },
};

/** Chromium starts no worker from a module that a page from a file made. */
const scriptOf = async (entry) => {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [join(browser, entry)],
    format: 'iife',
    write: false,
  });
  return outputFiles[0].text;
};

await build({
  ...common,
  entryPoints: [join(browser, 'main.ts')],
  outfile: join(root, 'dist/vantio-verify.browser.mjs'),
});

/** In a page, a script ends where this stands, whatever the script thinks. */
const inPage = (script) => script.replaceAll('</script', '<\\/script');
const sourceOf = (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

const worker = inPage(`\n${await scriptOf('page/worker.ts')}`);
const page = inPage(`\n${await scriptOf('page/page.ts')}`);
const html = readFileSync(join(browser, 'page/page.html'), 'utf8')
  .replace('WORKER_SCRIPT', () => worker)
  .replace('PAGE_SCRIPT', () => page)
  .replace('PAGE_SOURCE', sourceOf(page));
writeFileSync(join(root, 'dist/vantio-verify.html'), html);
