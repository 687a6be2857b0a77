import net from 'node:net';
import { own } from '../observe/socket-facts.ts';
import { hostFields } from '../observe/target.ts';
import type { Detail } from '../record/observation.ts';
import { isOurs } from './agents.ts';
import { checkedLookup, type Lookup } from './checked-lookup.ts';
import { takeDoom } from './doomed.ts';
import { guardedOr } from './guarded.ts';
import { inForce } from './in-force.ts';
import { type Describe, judgeHost, type Target } from './judge.ts';
import type { Patches } from './patches.ts';
import { isProxy } from './proxies.ts';

type ConnectOptions = {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly path?: unknown;
  readonly servername?: unknown;
  readonly lookup?: Lookup;
};
type Socket = net.Socket & { connecting: boolean; readonly encrypted?: boolean };
type Connect = (this: Socket, ...args: unknown[]) => Socket;

/** Every TCP connection and Unix socket of the process begins here, those of clients that no other hook knows included. */
export function guardSockets(patches: Patches): void {
  patches.replace(net.Socket.prototype, 'connect', (original) => {
    const connect = original as unknown as Connect;
    return function (this: Socket, ...args: unknown[]): Socket {
      if (isOurs()) return Reflect.apply(connect, this, args);
      const first = inForce.awaited();
      if (first === undefined) return begin(this, connect, args);
      // Writes wait, as they do for any socket that is not connected yet.
      this.connecting = true;
      void first.then(() => {
        if (!this.destroyed) begin(this, connect, args);
      });
      return this;
    } as never;
  });
}

function begin(socket: Socket, connect: Connect, args: unknown[]): Socket {
  const verdict = guardedOr('judging a connection', { args }, () => judge(socket, args));
  if ('error' in verdict) {
    refuse(socket, verdict.error);
    return socket;
  }
  try {
    return Reflect.apply(connect, socket, verdict.args);
  } catch (error) {
    // What Node throws for bad arguments, the caller of a connect that waited can no longer catch.
    if (!socket.connecting) throw error;
    socket.destroy(error as Error);
    return socket;
  }
}

/** As Node does when a name is not found: told in the next turn, when the caller has put its listeners on. */
function refuse(socket: Socket, error: Error): void {
  // Its refusal is recorded: whoever observes sockets tells nothing more of it.
  own(socket);
  socket.connecting = true;
  process.nextTick(() => socket.destroy(error));
}

type Verdict = { readonly error: Error } | { readonly args: unknown[] };

function judge(socket: Socket, args: unknown[]): Verdict {
  const options = optionsOf(args);
  const target = targetOf(options);
  if (target === undefined) return { args };
  const describe: Describe = () => ({
    type: socket.encrypted ? 'tls_connect' : 'net_connect',
    detail: describeTarget(target),
  });
  const doom = 'unix' in target ? undefined : takeDoom(target);
  if (doom) return { error: doom };
  const ruling = judgeHost(target, describe, !('unix' in target) && isProxy(target));
  if (ruling.kind === 'refused') return ruling;
  if ('unix' in target) return { args };
  const { servername, lookup } = options;
  if (typeof servername === 'string' && servername !== '' && servername !== target.host) {
    const addresses = net.isIP(target.host) ? { addresses: [target.host] } : {};
    const named = judgeHost({ host: servername, port: target.port, ...addresses }, describe);
    if (named.kind === 'refused') return named;
  }
  if (!ruling.needsAddresses || net.isIP(target.host)) return { args };
  return { args: withLookup(args, options, checkedLookup(lookup, target, describe)) };
}

/** Node's own form is a list of options and callback, marked by a symbol; people write options, port and host, or a path. */
function optionsOf([first, second]: readonly unknown[]): ConnectOptions {
  if (Array.isArray(first)) return optionsOf(first);
  if (typeof first === 'object' && first !== null) return first as ConnectOptions;
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { path: first };
  return { port: first, ...(typeof second === 'string' ? { host: second } : {}) };
}

function targetOf({ host, port, path }: ConnectOptions): Target | undefined {
  if (typeof path === 'string') return { unix: path };
  const number = Number(port);
  if (!Number.isInteger(number)) return undefined;
  return { host: typeof host === 'string' && host !== '' ? host : 'localhost', port: number };
}

const describeTarget = (target: Target): Detail =>
  'unix' in target
    ? { protocol: 'unix' }
    : { protocol: 'tcp', ...hostFields(target.host), target_port: target.port };

function withLookup(args: unknown[], options: ConnectOptions, lookup: Lookup): unknown[] {
  const guarded = { ...options, lookup };
  const [first] = args;
  if (Array.isArray(first)) {
    // A copy of the list that keeps its symbol.
    const list = Object.defineProperties(
      [],
      Object.getOwnPropertyDescriptors(first) as unknown as PropertyDescriptorMap,
    ) as unknown[];
    list[0] = guarded;
    return [list, ...args.slice(1)];
  }
  return [guarded, args.find((argument) => typeof argument === 'function')];
}
