import { appendFileSync, readFileSync } from 'node:fs';
import {
  type CanonicalValue,
  canonicalize,
  instantFromMicros,
  makeApiKey,
  type Plan,
  readApiKey,
} from '@vantio/schema';
import { openKeymaker } from './keymaker.ts';
import { addRevocation, watchRevocations } from './revocations.ts';
import { stateFiles } from './state-dir.ts';

export type KeyRequest = {
  readonly tenantId: string;
  /** Default `local`: unlimited. */
  readonly plan?: Plan;
  /** Seconds since 1970; absent: never. */
  readonly expiresAt?: number;
};

export type IssuedKey = {
  readonly keyId: string;
  readonly tenantId: string;
  readonly plan: Plan;
  /** Seconds since 1970, or 0 for never. */
  readonly expiresAt: number;
  /** RFC 3339, µs, UTC. */
  readonly createdAt: string;
  readonly revoked: boolean;
};

/**
 * Makes an API key with the state directory's key-making key, which is made if there is none. The key itself is kept
 * nowhere; its id is noted, so that it can be revoked.
 * @throws {StateDirError | ApiKeyError}
 */
export function createKey(stateDir: string, request: KeyRequest): string {
  const { privateKey } = openKeymaker(stateDir);
  const { tenantId, plan = 'local', expiresAt } = request;
  const apiKey = makeApiKey(
    { tenantId, plan, ...(expiresAt === undefined ? {} : { expiresAt }) },
    privateKey,
  );
  const claims = readApiKey(apiKey);
  const note = {
    created_at: instantFromMicros(Date.now() * 1000),
    expires_at: claims.expiresAt,
    key_id: claims.keyId,
    plan: claims.plan,
    tenant_id: claims.tenantId,
  } satisfies CanonicalValue;
  appendFileSync(stateFiles(stateDir).issued, `${canonicalize(note)}\n`, { mode: 0o600 });
  return apiKey;
}

/**
 * Revokes a key by its id (16 hex digits) for good. @returns whether it was not revoked yet.
 * @throws {StateDirError}
 */
export const revokeKey = (stateDir: string, keyId: string): boolean =>
  addRevocation(stateDir, openKeymaker(stateDir), keyId);

/** Keys made in this state directory, oldest first. Keys made elsewhere with the same key-making key are not known. */
export function listKeys(stateDir: string): readonly IssuedKey[] {
  const revoked = watchRevocations(stateDir, openKeymaker(stateDir))();
  let text = '';
  try {
    text = readFileSync(stateFiles(stateDir).issued, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const note = JSON.parse(line) as IssuedNote;
      return {
        keyId: note.key_id,
        tenantId: note.tenant_id,
        plan: note.plan,
        expiresAt: note.expires_at,
        createdAt: note.created_at,
        revoked: revoked === 'unreadable' || revoked.has(note.key_id),
      };
    });
}

type IssuedNote = {
  readonly created_at: string;
  readonly expires_at: number;
  readonly key_id: string;
  readonly plan: Plan;
  readonly tenant_id: string;
};
