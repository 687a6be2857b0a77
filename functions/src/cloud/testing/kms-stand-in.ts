import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { listen } from './listen.ts';

type TestContext = { after(hook: () => unknown): void };

/**
 * A stand-in for Cloud KMS, for Google has no emulator of it: the two methods that are used, with the members that its
 * reference names. Points this process at it.
 */
export async function startKmsStandIn(
  test: TestContext,
  keys: ReadonlyMap<string, { readonly privateKey: KeyObject; readonly algorithm: string }>,
): Promise<{ readonly signed: () => number; readonly damage: () => void }> {
  let signed = 0;
  let isDamaging = false;
  const { server, port } = await listen(
    createServer(async (request, response) => {
      const [, name = '', method] =
        /^\/v1\/(.*?)(\/publicKey|:asymmetricSign)$/.exec(request.url ?? '') ?? [];
      const key = keys.get(name);
      response.setHeader('content-type', 'application/json');
      if (key === undefined) return response.writeHead(404).end('{}');
      if (method === '/publicKey') {
        const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' });
        return response.end(JSON.stringify({ name, algorithm: key.algorithm, pem }));
      }
      const { data } = (await json(request)) as { readonly data: string };
      signed++;
      const signature = sign(null, Buffer.from(data, 'base64'), key.privateKey);
      if (isDamaging) signature[0] = (signature[0] ?? 0) ^ 1;
      response.end(JSON.stringify({ name, signature: signature.toString('base64') }));
    }),
  );
  test.after(() => server.close());
  process.env.VANTIO_KMS_HOST = `http://127.0.0.1:${port}`;
  return {
    signed: () => signed,
    damage: () => {
      isDamaging = true;
    },
  };
}
