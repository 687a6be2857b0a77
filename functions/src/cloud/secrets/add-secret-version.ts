import { secretManager } from './read-secret.ts';

/** Adds a version to a secret; it is the newest from then on. */
export type AddSecretVersion = (text: string) => Promise<void>;

const TIMEOUT_MILLIS = 5000;

/** @param options.name projects/P/secrets/S */
export const createAddSecretVersion =
  ({ name }: { readonly name: string }): AddSecretVersion =>
  async (text) => {
    const client = await secretManager();
    await client.addSecretVersion(
      { parent: name, payload: { data: Buffer.from(text) } },
      { timeout: TIMEOUT_MILLIS },
    );
  };
