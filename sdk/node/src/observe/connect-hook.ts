import { createHook } from 'node:async_hooks';
import { guard } from '../context/guard.ts';
import { microtask, now } from '../context/main-realm.ts';

/** Where a socket connects to and when it is connected, which no channel tells. */
export type Attempt = {
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Whether it is a Unix socket or pipe. */
  readonly pipe: boolean;
  readonly connectedAt: number | undefined;
  /** Nobody wants to know any more. */
  forget(): void;
};

type ConnectRequest = { readonly address?: unknown; readonly port?: unknown };
type Pending = {
  readonly socket: object;
  request: ConnectRequest | undefined;
  pipe: boolean;
  asyncId: number | undefined;
  connectedAt: number | undefined;
  readonly connected: () => void;
};

const pending = new Set<Pending>();
let enabled = false;

/**
 * Hooks run only while a socket is connecting: they cost every async operation something, and a program that keeps its
 * connections alive should not pay for it.
 */
const hook = createHook({
  init(asyncId, type, triggerAsyncId, resource) {
    if (type !== 'TCPCONNECTWRAP' && type !== 'PIPECONNECTWRAP') return;
    const entry = entryOf(triggerAsyncId);
    if (!entry) return;
    entry.request = resource as ConnectRequest;
    entry.pipe = type === 'PIPECONNECTWRAP';
    entry.asyncId = asyncId;
  },
  // Runs just before the callback that finds the connection made or failed.
  before(asyncId) {
    for (const entry of pending)
      if (entry.asyncId === asyncId) {
        entry.connectedAt = now();
        retire(entry);
        microtask(guard('a connection', entry.connected));
      }
  },
  // Node 24.2 and later; the others have no such option and ignore it.
  ...({ trackPromises: false } as object),
});

/** The socket whose async id triggered the attempt; a later address family's attempt is triggered by a timer. */
function entryOf(triggerAsyncId: number): Pending | undefined {
  for (const entry of pending) if (asyncIdOf(entry.socket) === triggerAsyncId) return entry;
  const [only, ...others] = pending;
  return others.length === 0 ? only : undefined;
}

let idSymbol: symbol | undefined;

function asyncIdOf(socket: object): unknown {
  idSymbol ??= Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'async_id_symbol',
  );
  return idSymbol && (socket as Record<symbol, unknown>)[idSymbol];
}

function retire(entry: Pending): void {
  pending.delete(entry);
  if (pending.size === 0 && enabled) {
    enabled = false;
    hook.disable();
  }
}

/** @param connected is called soon after the attempt, which may have failed. */
export function expectConnection(socket: object, connected: () => void): Attempt {
  const entry: Pending = {
    socket,
    request: undefined,
    pipe: false,
    asyncId: undefined,
    connectedAt: undefined,
    connected,
  };
  pending.add(entry);
  if (!enabled) {
    enabled = true;
    hook.enable();
  }
  return {
    get address() {
      const address = entry.request?.address;
      return typeof address === 'string' ? address : undefined;
    },
    get port() {
      const port = entry.request?.port;
      return typeof port === 'number' ? port : undefined;
    },
    get pipe() {
      return entry.pipe;
    },
    get connectedAt() {
      return entry.connectedAt;
    },
    forget: () => retire(entry),
  };
}
