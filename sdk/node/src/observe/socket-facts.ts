import type { Socket } from 'node:net';
import type { Detail } from '../record/observation.ts';

type Facts = { readonly fields: Detail; requests: number };

const factsBySocket = new WeakMap<object, Facts>();
const owned = new WeakSet<object>();
const ADDRESS = /^[0-9a-f.:]{2,45}$/;

/** Marks a socket as that of an observed request, so that it is not recorded a second time as a bare connection. */
export const own = (socket: object): void => {
  owned.add(socket);
};
export const isOwned = (socket: object): boolean => owned.has(socket);

/** Address and ports of a connected socket, and whether it has carried a request before. */
export function connectionFields(socket: Socket): Detail {
  let facts = factsBySocket.get(socket);
  if (!facts) {
    const fields = addressFields(socket);
    if (fields.local_port === undefined) return fields;
    facts = { fields, requests: 0 };
    factsBySocket.set(socket, facts);
  }
  return facts.requests++ === 0 ? facts.fields : { ...facts.fields, reused: true };
}

export function addressFields({ remoteAddress, localPort }: Socket): Detail {
  const ip = plainAddress(remoteAddress);
  return {
    ...(ip === undefined ? {} : { target_ip: ip }),
    ...(localPort ? { local_port: localPort } : {}),
  };
}

/** Without a zone id, which the record's alphabet does not have. */
export function plainAddress(address: string | undefined): string | undefined {
  const ip = address?.replace(/%.*$/, '').toLowerCase();
  return ip !== undefined && ADDRESS.test(ip) ? ip : undefined;
}
