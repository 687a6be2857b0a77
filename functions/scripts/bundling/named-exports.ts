import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'named-exports';
const PASSED = 'resolved by named-exports';

/**
 * `const { X } = await import('package')` of a CommonJS package: Node finds the names that it exports, esbuild gives a
 * default export only. Between the two goes a module that exports the names which Node finds.
 */
export const namedExports: Plugin = {
  name: 'named-exports',
  setup({ initialOptions, onLoad, onResolve, resolve }) {
    const base = initialOptions.absWorkingDir ?? process.cwd();
    onResolve({ filter: /^[^.]/ }, async ({ kind, path, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === PASSED || isBuiltin(path)) return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: PASSED });
      // What is optional is left to esbuild, which knows whether the import may fail.
      if (found.external || found.errors.length > 0) return undefined;
      // The path is written into the bundle, which must not tell where it was made.
      return { path: relative(base, found.path), namespace: NAMESPACE };
    });
    onLoad({ filter: /./, namespace: NAMESPACE }, async ({ path: from }) => {
      const path = join(base, from);
      const names = Object.keys((await import(pathToFileURL(path).href)) as object)
        .filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__esModule')
        .sort();
      return {
        contents: `export { ${names.join(', ')} } from ${JSON.stringify(path)};`,
        resolveDir: dirname(path),
      };
    });
  },
};
