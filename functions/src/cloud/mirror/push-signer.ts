import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Claims = Readonly<Record<string, string | number | boolean>>;

/** A stand-in for the service that signs Google's OIDC tokens: its certificates on loopback, and tokens as Pub/Sub's are. */
export type PushSigner = {
  readonly certificatesUrl: string;
  /** @returns the value of an Authorization header. */
  readonly token: (claims: Claims, header?: Claims) => string;
  readonly close: () => void;
};

export async function startPushSigner(): Promise<PushSigner> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ k1: pem }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return {
    certificatesUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token: (claims, header = { alg: 'RS256', kid: 'k1', typ: 'JWT' }) => {
      const head = `${encode(header)}.${encode(claims)}`;
      return `Bearer ${head}.${sign('sha256', Buffer.from(head), privateKey).toString('base64url')}`;
    },
    close: () => server.close(),
  };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
