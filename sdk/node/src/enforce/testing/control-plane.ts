import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { startIngest } from '../../testing/ingest.ts';
import { newApiKey } from '../../testing/keys.ts';

export const SIGNER: KeyObject = generateKeyPairSync('ed25519').privateKey;
export const TRUST = rawPublicKey(SIGNER);

/** What a control plane answers who asks for policy. */
export type Serve = (response: ServerResponse, asked: number) => void;

/** What it answers who asks for spend leases. */
export type Lease = (request: IncomingMessage, response: ServerResponse) => void;

const CONFIG = { v: 1, tenant_id: 'acme', plan: 'local', limits: {} };

/** @param policy is made ready to be served now: how long that takes is not to be measured. */
export function served(policy: object, signer: KeyObject | null = SIGNER): Serve {
  const envelope = wrapPolicy(policy, 'acme', signer ?? undefined);
  const text = JSON.stringify({ ...CONFIG, mode: 'enforce', policy: envelope });
  return (response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(text);
}

export const none: Serve = (response) =>
  void response.end(JSON.stringify({ ...CONFIG, mode: 'observe' }));

/** Ingest as it is, and policy as a test says. */
export async function startControlPlane(
  serve: Serve,
  lease: Lease = (_, response) => void response.writeHead(503).end(),
) {
  const ingest = await startIngest();
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/spend/leases')) lease(request, response);
    else if (request.method !== 'GET') ingest.listener(request, response);
    else serve(response, asked++);
  });
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: newApiKey(),
    asked: () => asked,
    records: ingest.records,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type ControlPlane = Awaited<ReturnType<typeof startControlPlane>>;
