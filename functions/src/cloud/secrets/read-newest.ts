import { codeOf, GRPC } from '../spanner/grpc-status.ts';
import { type ReadSecret, secretManager } from './read-secret.ts';

const TIMEOUT_MILLIS = 5000;

/**
 * The newest version of a secret for what must not be late: `latest` follows a new version within minutes, a version asked
 * for by its number is there at once (https://cloud.google.com/secret-manager/docs/reference/consistency). So the next
 * number is asked for until there is none.
 * @param options.name projects/P/secrets/S
 */
export function createReadNewest({ name }: { readonly name: string }): ReadSecret {
  let newest: number | undefined;

  const inUse = async (): ReturnType<typeof access> => {
    if (newest === undefined) return access(name, 'latest');
    try {
      return await access(name, newest);
    } catch (error) {
      // A secret that was deleted and made again counts from one.
      if (codeOf(error) !== GRPC.notFound) throw error;
      return access(name, 'latest');
    }
  };

  return async () => {
    let read = await inUse();
    for (let number = read.number + 1; ; number++) {
      try {
        read = await access(name, number);
      } catch (error) {
        if (codeOf(error) === GRPC.notFound) break;
        // Disabled or destroyed: it was there, and a newer one may be.
        if (codeOf(error) !== GRPC.failedPrecondition) throw error;
      }
    }
    newest = read.number;
    return read.text;
  };
}

async function access(
  name: string,
  version: number | 'latest',
): Promise<{ readonly number: number; readonly text: string }> {
  const client = await secretManager();
  const [found] = await client.accessSecretVersion(
    { name: `${name}/versions/${version}` },
    { timeout: TIMEOUT_MILLIS },
  );
  const number = Number(/\/versions\/([1-9][0-9]*)$/.exec(found.name ?? '')?.[1]);
  const data = found.payload?.data;
  if (data === undefined || data === null || Number.isNaN(number))
    throw new Error(`${name} has no payload`);
  return {
    number,
    text: Buffer.from(data as Uint8Array)
      .toString('utf8')
      .trim(),
  };
}
