import type { Socket } from 'node:net';
import { thisProcess } from '../context/main-realm.ts';
import type { Span } from '../context/span.ts';
import { idsOf, isHeard, isTold, tellAgent } from './agent.ts';

/**
 * turns: one use after the other, each told. together: all at once, each told. untold: only who made the connection is known,
 * not who uses it.
 */
export type Sharing = 'turns' | 'together' | 'untold';

type Uses = { count: number; last: Span | undefined };

const usesOf = new WeakMap<object, Uses>();
const makers = new WeakMap<object, Span | undefined>();

/** In which span a connection is being made; whoever uses it first may be another. */
export function setMaker(socket: object, span: Span | undefined): void {
  if (isTold()) makers.set(socket, span);
}

/**
 * Says what a connection is used for from now on; before a byte of it is written, where the runtime tells so early. Uses are
 * numbered whether or not anybody listens, so that an agent that missed one does not take the next for the first.
 * @returns false if the connection is not open yet, and was not counted.
 */
export function tellUse(socket: Socket, span: Span | undefined, sharing: Sharing): boolean {
  if (!isTold()) return true;
  const { localPort, remoteAddress, remotePort } = socket;
  if (socket.connecting || socket.destroyed || !localPort || remoteAddress === undefined)
    return false;
  const uses = usesOf.get(socket) ?? { count: 0, last: undefined };
  usesOf.set(socket, uses);
  const maker = makers.has(socket) ? makers.get(socket) : span;
  for (const user of uses.count === 0 ? [maker, span] : [span]) {
    if (uses.count > 0 && uses.last === user) continue;
    const number = uses.count++;
    uses.last = user;
    if (isHeard())
      tellAgent({
        op: 'connection',
        ...idsOf(user),
        sharing,
        number,
        local_port: localPort,
        remote_address: remoteAddress.replace(/%.*$/s, ''),
        remote_port: remotePort,
        at_ns: Number(thisProcess.hrtime.bigint()),
      });
  }
  return true;
}
