import type { Socket } from 'node:net';
import { writtenIp } from '@vantio/schema/written/ip';
import type { Detail } from '../record/observation.ts';

type Facts = { readonly first: Detail; readonly reused: Detail; requests: number };

const factsBySocket = new WeakMap<object, Facts>();
const owned = new WeakSet<object>();

/** Marks a socket as that of an observed request, so that it is not recorded a second time as a bare connection. */
export const own = (socket: object): void => {
  owned.add(socket);
};
export const isOwned = (socket: object): boolean => owned.has(socket);

/** Address and ports of a request's connected socket, which becomes owned, and whether it has carried one before. */
export function connectionFields(socket: Socket): Detail {
  let facts = factsBySocket.get(socket);
  if (!facts) {
    const fields = addressFields(socket);
    if (fields.local_port === undefined) {
      own(socket);
      return fields;
    }
    facts = { first: fields, reused: { ...fields, reused: true }, requests: 0 };
    factsBySocket.set(socket, facts);
    own(socket);
  }
  return facts.requests++ === 0 ? facts.first : facts.reused;
}

export function addressFields({ remoteAddress, localPort }: Socket): Detail {
  const ip = plainAddress(remoteAddress);
  return {
    ...(ip === undefined ? {} : { target_ip: ip }),
    ...(localPort ? { local_port: localPort } : {}),
  };
}

/** Without a zone id, which `target_ip` does not have. */
export const plainAddress = (address: string | undefined): string | undefined =>
  address === undefined ? undefined : writtenIp(address.replace(/%.*$/s, ''));
