import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type NodeVersion = {
  readonly major: 20 | 22 | 24;
  /** Undefined where this machine has none. */
  readonly path: string | undefined;
};

const installed = (major: number): string =>
  fileURLToPath(
    new URL(`../../../../scripts/nodes/node_modules/node${major}/bin/node`, import.meta.url),
  );

/** The Node versions that agents run on, as the environment names them, else as the repository's scripts install them. */
export const NODE_VERSIONS: readonly NodeVersion[] = ([20, 22, 24] as const).map((major) => ({
  major,
  path: [
    process.env[`VANTIO_NODE${major}`],
    installed(major),
    process.versions.node.startsWith(`${major}.`) ? process.execPath : undefined,
  ].find((path) => path !== undefined && existsSync(path)),
}));
