import { resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';
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

/** Whether somebody seems to have meant to turn policy on, and did not: that must not go unheard. */
export const isMistyped = (): boolean =>
  isMainThread &&
  !env.VANTIO_POLICY_FILE &&
  !/^(?:|true|false|0|off|no)$/.test(env.VANTIO_CLOUD_INGEST ?? '');
