import * as crypto from 'node:crypto';
import { checkApiKey, makeApiKey, signerIdOf } from '@vantio/schema';
import { readOrMakeSecret, StateDirError, stateFiles } from './state-dir.ts';

/** The key that makes API keys. In local mode the server and the person who makes keys are one. */
export type Keymaker = {
  readonly signerId: string;
  readonly privateKey: crypto.KeyObject;
  readonly publicKey: crypto.KeyObject;
};

/** Tenant of the control plane's own records. */
export const CONTROL_TENANT = 'vantio';

/**
 * Opens the state directory's key-making key (Ed25519, PKCS#8 PEM, mode 0600); makes it at first start.
 * @throws {StateDirError} wide_mode, bad_state.
 */
export function openKeymaker(stateDir: string): Keymaker {
  const privateKey = openSigningKey(
    stateFiles(stateDir).keymaker,
    'a new one makes every API key of the old one invalid',
  );
  const publicKey = crypto.createPublicKey(privateKey);
  return { signerId: signerIdOf(publicKey), privateKey, publicKey };
}

/** The control plane's own API key; made at first start. */
export function openControlKey(stateDir: string, keymaker: Keymaker): string {
  const path = stateFiles(stateDir).controlKey;
  const apiKey = readOrMakeSecret(
    path,
    () => `${makeApiKey({ tenantId: CONTROL_TENANT, plan: 'control' }, keymaker.privateKey)}\n`,
  ).trim();
  try {
    checkApiKey(apiKey, new Map([[keymaker.signerId, keymaker.publicKey]]), 0);
  } catch {
    throw new StateDirError(
      'bad_state',
      `${path} was not made by the key-making key beside it. Keep it (the ledger's own records verify under it), move it away, and start again to make a new one`,
    );
  }
  return apiKey;
}

/**
 * An Ed25519 key (PKCS#8 PEM, mode 0600); made if it is not there.
 * @param loss what follows if another key takes its place.
 * @throws {StateDirError} wide_mode, bad_state.
 */
export function openSigningKey(path: string, loss: string): crypto.KeyObject {
  const pem = readOrMakeSecret(path, () =>
    crypto
      .generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  );
  const privateKey = privateKeyOf(pem);
  if (privateKey === undefined)
    throw new StateDirError(
      'bad_state',
      `${path} is not an Ed25519 private key (PKCS#8 PEM). Put the right one back; ${loss}`,
    );
  return privateKey;
}

function privateKeyOf(pem: string): crypto.KeyObject | undefined {
  try {
    const key = crypto.createPrivateKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}
