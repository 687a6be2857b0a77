import crypto, { type KeyObject } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** The private keys that are made while something runs: what who runs a server can read from its memory. */
export async function keysMadeBy<T>(
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly keys: readonly KeyObject[] }> {
  const keys: KeyObject[] = [];
  const { generateKeyPairSync } = crypto;
  const watched = (...args: Parameters<typeof generateKeyPairSync>) => {
    const pair = generateKeyPairSync(...args);
    if (pair.privateKey instanceof crypto.KeyObject) keys.push(pair.privateKey);
    return pair;
  };
  crypto.generateKeyPairSync = watched as typeof generateKeyPairSync;
  syncBuiltinESMExports();
  try {
    return { result: await run(), keys };
  } finally {
    crypto.generateKeyPairSync = generateKeyPairSync;
    syncBuiltinESMExports();
  }
}
