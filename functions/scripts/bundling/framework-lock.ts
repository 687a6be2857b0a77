import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const FRAMEWORK = '@google-cloud/functions-framework';

type Locked = {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
};
type Packages = Readonly<Record<string, Locked>>;

/**
 * The part of the repository's lock file that the framework needs, as a lock file of its own: the buildpack then installs,
 * by `npm ci`, the very packages that the tests ran with.
 * @param name of the package that the lock is for.
 */
export function frameworkLock(
  repository: string,
  name: string,
): { readonly version: string; readonly lock: object } {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    readonly packages: Packages;
  };
  const root = placeOf(packages, '', FRAMEWORK);
  const needed = new Set([root]);
  // A set hands out what is added to it while it is walked.
  for (const place of needed)
    for (const dependency of Object.keys(packages[place]?.dependencies ?? {}))
      needed.add(placeOf(packages, place, dependency));
  const version = packages[root]?.version ?? '';
  const own = { name, dependencies: { [FRAMEWORK]: version } };
  const entries = [...needed].sort().map((place) => [place, packages[place]] as const);
  const lock = {
    name,
    lockfileVersion: 3,
    requires: true,
    packages: { '': own, ...Object.fromEntries(entries) },
  };
  return { version, lock };
}

/** Where Node finds a package from another one's folder: in its own node_modules, or in those further up. */
function placeOf(packages: Packages, from: string, dependency: string): string {
  for (
    let folder = from;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))
  ) {
    const place = `${folder}${folder === '' ? '' : '/'}node_modules/${dependency}`;
    if (packages[place]) return place;
    if (folder === '')
      throw new Error(
        `package-lock.json has no ${dependency}, which ${from || 'the bundle'} needs`,
      );
  }
}
