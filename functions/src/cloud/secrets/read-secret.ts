import type { SecretManagerServiceClient } from '@google-cloud/secret-manager';

/** The newest version of a secret, as text, without white space around it. */
export type ReadSecret = () => Promise<string>;

export type ReadSecretOptions = {
  /** projects/P/secrets/S; its newest enabled version is read. */
  readonly name: string;
};

const TIMEOUT_MILLIS = 5000;

export function createReadSecret({ name }: ReadSecretOptions): ReadSecret {
  return async () => {
    const client = await secretManager();
    const [version] = await client.accessSecretVersion(
      { name: `${name}/versions/latest` },
      { timeout: TIMEOUT_MILLIS },
    );
    const data = version.payload?.data;
    if (data === undefined || data === null) throw new Error(`${name} has no payload`);
    return Buffer.from(data as Uint8Array)
      .toString('utf8')
      .trim();
  };
}

/** One for the process. */
let opened: Promise<SecretManagerServiceClient> | undefined;

export function secretManager(): Promise<SecretManagerServiceClient> {
  opened ??= openClient();
  return opened;
}

async function openClient(): Promise<SecretManagerServiceClient> {
  const { SecretManagerServiceClient } = await import('@google-cloud/secret-manager');
  const local = process.env.VANTIO_SECRET_MANAGER_HOST;
  if (local === undefined) return new SecretManagerServiceClient();
  // A stand-in on loopback that speaks the same protocol, without TLS: Google has no emulator of this one.
  const { grpc } = await import('google-gax');
  const [apiEndpoint = '', port] = local.split(':');
  return new SecretManagerServiceClient({
    apiEndpoint,
    port: Number(port),
    sslCreds: grpc.credentials.createInsecure(),
  });
}
