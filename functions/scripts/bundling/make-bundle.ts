import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { FRAMEWORK, frameworkLock } from './framework-lock.ts';
import { namedExports } from './named-exports.ts';
import { neededProtos } from './needed-protos.ts';
import { copySpannerProtos, spannerFiles } from './spanner-files.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** Bytes of JavaScript: those that are loaded before the first request, and all. */
export type BundleSize = { readonly start: number; readonly total: number };

/** Client libraries, each of which takes longer to load than all else; a request that needs one loads it. */
const LAZY = /node_modules\/(@google-cloud|google-gax|google-auth-library|@grpc|redis|@redis)\//;

/**
 * Modules that were CommonJS expect these three; in an ECMAScript module nobody provides them.
 */
const COMMONJS_NAMES = [
  "import { createRequire as vantioRequire } from 'node:module';",
  'const require = vantioRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('');

/**
 * One function as Google's buildpack takes it: a package with its entry, everything that it uses in files beside it, and
 * the functions framework, which must be a dependency and no part of the bundle: the process is the framework's, and it
 * knows only what registered with its own copy. Deterministic: same sources and lock file, same bytes.
 * @throws {Error} when a client library would be loaded before a request needs it.
 */
export async function makeBundle(name: string, folder: string): Promise<BundleSize> {
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: REPOSITORY,
    entryPoints: [{ in: `functions/src/cloud/entries/${name}.ts`, out: 'index' }],
    outdir: folder,
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: [FRAMEWORK],
    plugins: [namedExports, neededProtos, spannerFiles],
    banner: { js: COMMONJS_NAMES },
    // Names stay: they are what stack traces show.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  if (Object.keys(metafile.inputs).some((input) => input.includes('/@google-cloud/spanner/')))
    copySpannerProtos(REPOSITORY, folder);
  const { lock, version } = frameworkLock(REPOSITORY, `vantio-${name}`);
  const manifest = {
    name: `vantio-${name}`,
    private: true,
    type: 'module',
    main: 'index.js',
    dependencies: { [FRAMEWORK]: version },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync(join(folder, 'package-lock.json'), `${JSON.stringify(lock, undefined, 2)}\n`);
  return sizeOf(name, metafile);
}

function sizeOf(name: string, { outputs }: Metafile): BundleSize {
  const entry = Object.keys(outputs).find((file) => file.endsWith('/index.js'));
  if (entry === undefined) throw new Error(`esbuild made no index.js of ${name}`);
  const started = new Set([entry]);
  // A set hands out what is added to it while it is walked.
  for (const file of started)
    for (const { kind, path, external } of outputs[file]?.imports ?? [])
      if (kind !== 'dynamic-import' && external !== true) started.add(path);
  for (const file of started) {
    const early = Object.keys(outputs[file]?.inputs ?? {}).find((input) => LAZY.test(input));
    if (early !== undefined)
      throw new Error(`${name} loads ${early} at its start: import it where a request needs it`);
  }
  const bytes = (files: Iterable<string>): number => {
    let sum = 0;
    for (const file of files) sum += outputs[file]?.bytes ?? 0;
    return sum;
  };
  return { start: bytes(started), total: bytes(Object.keys(outputs)) };
}
