import type { Socket } from 'node:net';
import { setMaker, tellUse } from '../agent/tell-use.ts';
import { currentSpan } from '../context/current-span.ts';
import { now } from '../context/main-realm.ts';
import { EXEMPT, type Span } from '../context/span.ts';
import { failureOf } from '../record/error-code.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { type Attempt, expectConnection } from './connect-hook.ts';
import { connecting } from './connecting.ts';
import { tellRequestOn } from './http.ts';
import { durationOf } from './http-fields.ts';
import { addressFields, isOwned, own, plainAddress } from './socket-facts.ts';
import { on } from './subscribe.ts';
import { watch } from './sweep.ts';
import { hostFields } from './target.ts';

/** Parts of a Socket that the types leave out; present in Node 20 to 24. */
export type ClientSocket = Socket & {
  readonly _host?: string | null;
  readonly encrypted?: boolean;
  readonly secureConnecting?: boolean;
  readonly servername?: string | null | false;
};

type Flow = {
  readonly at: number;
  readonly span: Span | undefined;
  readonly detail: Detail;
  readonly attempt: Attempt;
};

const seen = new WeakSet<object>();

/** A socket of the host is about to connect. Whether a request owns it is known only later. */
export function onClientSocket(socket: ClientSocket, span: Span | undefined): void {
  if (seen.has(socket)) return;
  seen.add(socket);
  if (span === EXEMPT) return;
  setMaker(socket, span);
  if (connecting.isUndici()) {
    own(socket);
    return;
  }
  const attempt = expectConnection(socket, () => {
    if (!tellRequestOn(socket)) tellBare(socket, span);
  });
  const flow: Flow = { at: now(), span, detail: {}, attempt };
  watch((closing) => ended(flow, socket, closing));
}

/** Only its maker is known: anybody may write to it, and nobody tells. Over TLS its owner may be known later than it is open. */
function tellBare(socket: ClientSocket, span: Span | undefined): void {
  if (!isOwned(socket) && !socket.secureConnecting) tellUse(socket, span, 'untold');
}

function ended(flow: Flow, socket: ClientSocket, closing: boolean): boolean {
  if (isOwned(socket)) {
    flow.attempt.forget();
    return true;
  }
  if (!socket.destroyed && !closing) {
    if (!socket.connecting) {
      Object.assign(flow.detail, addressFields(socket));
      tellBare(socket, flow.span);
    }
    return false;
  }
  flow.attempt.forget();
  record({
    type: socket.encrypted ? 'tls_connect' : 'net_connect',
    at: flow.at,
    span: flow.span,
    detail: Object.assign(flow.detail, describe(flow, socket)),
  });
  return true;
}

function describe({ at, attempt, detail }: Flow, socket: ClientSocket): Detail {
  const failure: unknown = socket.errored;
  const { address, port, connectedAt } = attempt;
  const failed = failure as { address?: unknown; port?: unknown } | null;
  const ip = detail.target_ip ?? plainAddress(address);
  const host = socket._host ?? address ?? text(failed?.address);
  const at_port = port ?? number(failed?.port);
  const unix = attempt.pipe;
  return {
    protocol: unix ? 'unix' : 'tcp',
    ...(host === undefined || unix ? {} : hostFields(host)),
    ...(ip === undefined || unix ? {} : { target_ip: ip }),
    ...(at_port === undefined ? {} : { target_port: at_port }),
    ...(connectedAt === undefined
      ? {}
      : {
          duration_us: durationOf(at, connectedAt),
          bytes_sent: socket.bytesWritten,
          bytes_received: socket.bytesRead,
        }),
    ...(failure ? failureOf(failure) : { outcome: socket.destroyed ? 'ok' : 'open' }),
  };
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
const number = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

export function observeSockets(): void {
  on<{ socket: ClientSocket }>('net.client.socket', ({ socket }) =>
    onClientSocket(socket, currentSpan()),
  );
}
