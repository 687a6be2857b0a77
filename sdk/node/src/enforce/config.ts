import { resolve } from 'node:path';
import { env } from '../context/main-realm.ts';

/** Where policy comes from, as the environment says; undefined: from nowhere, and nothing is enforced. */
export type PolicySource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'cloud' };

export function readPolicySource(): PolicySource | undefined {
  const path = env.VANTIO_POLICY_FILE;
  if (path) return { kind: 'file', path: resolve(path) };
  return env.VANTIO_CLOUD_INGEST === 'true' ? { kind: 'cloud' } : undefined;
}
