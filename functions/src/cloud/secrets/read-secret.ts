import type { SecretManagerServiceClient } from '@google-cloud/secret-manager';

/** The newest version of a secret, as text. */
export type ReadSecret = () => Promise<string>;

export type ReadSecretOptions = {
  /** projects/P/secrets/S; its newest enabled version is read. */
  readonly name: string;
  /** Tests put a client of the same protocol here that speaks to a server of theirs. */
  readonly client?: Pick<SecretManagerServiceClient, 'accessSecretVersion'>;
};

const TIMEOUT_MILLIS = 5000;

export function createReadSecret({ name, client }: ReadSecretOptions): ReadSecret {
  let opened = client;
  return async () => {
    if (!opened) {
      const { SecretManagerServiceClient } = await import('@google-cloud/secret-manager');
      opened = new SecretManagerServiceClient();
    }
    const [version] = await opened.accessSecretVersion(
      { name: `${name}/versions/latest` },
      { timeout: TIMEOUT_MILLIS },
    );
    const data = version.payload?.data;
    if (data === undefined || data === null) throw new Error(`${name} has no payload`);
    return Buffer.from(data as Uint8Array).toString('utf8');
  };
}
