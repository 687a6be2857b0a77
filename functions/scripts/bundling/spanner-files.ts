import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Spanner's client finds two packages' folders when it is loaded, and reads one service's .proto files when it is opened.
 * In a bundle there are no such folders: it looks in the bundle's own, where `copySpannerProtos` puts the files.
 */
export const spannerFiles: Plugin = {
  name: 'spanner-files',
  setup({ onLoad }) {
    for (const [file, { from, to }] of Object.entries(PLACES)) {
      const filter = new RegExp(`@google-cloud/spanner/build/src/${file.replaceAll('.', '\\.')}$`);
      onLoad({ filter }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (source.split(from).length !== 2)
          throw new Error(`${path} no longer has ${from} once: see how it finds its files now`);
        return { contents: source.replace(from, to), loader: 'js' };
      });
    }
  },
};

const PLACES = {
  // It goes on with ../protos from here.
  'common-grpc/service.js': {
    from: "require.resolve('google-gax')",
    to: "path.join(__dirname, 'google-gax/index.js')",
  },
  'protos.js': {
    from: "require.resolve('@google-cloud/spanner-api/package.json')",
    to: "path.join(__dirname, 'spanner-api/package.json')",
  },
} as const;

const READ_AT_OPENING = 'google/longrunning/operations.proto';

/** Copies what the client reads, with what that imports, to `folder/protos`. The common ones protobufjs has within itself. */
export function copySpannerProtos(repository: string, folder: string): void {
  const places = ['@google-cloud/spanner/build/protos', 'google-gax/build/protos'];
  const wanted = new Set([READ_AT_OPENING]);
  // A set hands out what is added to it while it is walked.
  for (const proto of wanted) {
    const source = places
      .map((place) => join(repository, 'node_modules', place, proto))
      .find(existsSync);
    if (source === undefined) {
      if (proto.startsWith('google/protobuf/')) continue;
      throw new Error(`neither ${places.join(' nor ')} has ${proto}`);
    }
    cpSync(source, join(folder, 'protos', proto), { recursive: true });
    for (const [, imported = ''] of readFileSync(source, 'utf8').matchAll(/^import "([^"]+)";/gm))
      wanted.add(imported);
  }
}
