import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as pulumi from '@pulumi/pulumi';
import { InfraError } from '../infra-error.ts';
import type { FunctionName } from './catalog.ts';

const INFRA = fileURLToPath(new URL('../..', import.meta.url));

export type Bundle = {
  /** Over names and contents, so that a changed source gives a changed object, and the function is deployed again. */
  readonly sha256: string;
  readonly archive: pulumi.asset.Archive;
};

/**
 * A function's built folder, uploaded as it stands.
 * @param bundles as seen from `infra/`.
 * @throws {InfraError} bundle_missing
 */
export function readBundle(bundles: string, name: FunctionName): Bundle {
  const folder = resolve(INFRA, bundles, name);
  const files = filesOf(folder);
  if (!files.includes('package.json'))
    throw new InfraError(
      'bundle_missing',
      `${folder} holds no package.json: run scripts/build first`,
    );
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(join(folder, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return {
    sha256: hash.digest('hex'),
    archive: new pulumi.asset.AssetArchive({ '.': new pulumi.asset.FileArchive(folder) }),
  };
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  } catch {
    return [];
  }
}
