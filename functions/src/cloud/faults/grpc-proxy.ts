import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** One unary call: the last part of its path, and its message as protobuf bytes. */
export type Call = { readonly method: string; readonly message: Buffer };

/** What the client is told: a gRPC status, and with status 0 the answer's message. */
export type Answer = { readonly status: number; readonly message?: Buffer };

/** Decides what becomes of a call; `forward` has the server do it, at most once. */
export type Intercept = (call: Call, forward: () => Promise<Answer>) => Promise<Answer>;

export type GrpcProxy = {
  /** host:port, in place of the server's own. */
  readonly host: string;
  /** Replaces what was set before; calls under way keep what they began with. */
  readonly intercept: (method: string, intercept: Intercept | undefined) => void;
  readonly close: () => void;
};

/**
 * Stands in front of a gRPC server without TLS and lets everything through as it is, but for the unary methods that a test
 * intercepts: these may be refused unseen, or be carried out and their answer lost.
 * @param upstream host:port
 */
export async function startGrpcProxy(upstream: string): Promise<GrpcProxy> {
  const intercepts = new Map<string, Intercept>();
  let session: ClientHttp2Session | undefined;
  const upstreamSession = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(`http://${upstream}`);
      // Each stream on it fails by itself; the next call connects anew.
      session.on('error', () => {});
      session.unref();
    }
    return session;
  };

  const server = createServer({ settings: { initialWindowSize: WINDOW } });
  const clients = new Set<{ destroy: () => void }>();
  server.on('session', (client) => {
    client.on('error', () => {});
    clients.add(client);
    client.once('close', () => clients.delete(client));
  });
  server.on('stream', (stream, headers) => {
    // The client may be gone at any moment; that is what some tests are about.
    stream.on('error', () => {});
    const method = String(headers[':path']).split('/').at(-1) ?? '';
    const intercept = intercepts.get(method);
    if (intercept) void answerUnary(stream, method, headers, intercept);
    else pass(stream, headers);
  });

  const answerUnary = async (
    stream: ServerHttp2Stream,
    method: string,
    headers: IncomingHttpHeaders,
    intercept: Intercept,
  ): Promise<void> => {
    try {
      const body = await collect(stream);
      const forward = (): Promise<Answer> => callUnary(upstreamSession(), headers, body);
      answer(stream, await intercept({ method, message: unframe(body) }, forward));
    } catch {
      stream.close();
    }
  };

  const pass = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const request = upstreamSession().request(headers);
    let trailers: IncomingHttpHeaders = {};
    stream.pipe(request);
    stream.once('aborted', () => request.close());
    request.once('response', (answered, flags) => {
      if (stream.destroyed) return;
      if ((flags & END_STREAM) !== 0) return stream.respond(answered, { endStream: true });
      stream.respond(answered, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers(trailers));
      request.pipe(stream);
    });
    request.once('trailers', (received) => {
      trailers = received;
    });
    request.once('error', () => stream.close());
  };

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    intercept: (method, intercept) => {
      if (intercept) intercepts.set(method, intercept);
      else intercepts.delete(method);
    },
    close: () => {
      for (const client of clients) client.destroy();
      server.close();
      session?.destroy();
    },
  };
}

const WINDOW = 4 * 1024 * 1024;
const END_STREAM = 1;
/** Of a gRPC message: whether it is compressed, and its length. */
const FRAME_HEAD = 5;

async function callUnary(
  session: ClientHttp2Session,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<Answer> {
  const request = session.request(headers);
  let trailers: IncomingHttpHeaders = {};
  request.once('response', (answered) => {
    trailers = { ...trailers, ...answered };
  });
  request.once('trailers', (received) => {
    trailers = { ...trailers, ...received };
  });
  request.end(body);
  const answered = await collect(request);
  const status = Number(trailers['grpc-status'] ?? 2);
  return status === 0 ? { status, message: unframe(answered) } : { status };
}

function answer(stream: ServerHttp2Stream, { status, message }: Answer): void {
  if (stream.destroyed) return;
  const head = { ':status': 200, 'content-type': 'application/grpc' };
  if (message === undefined) {
    stream.respond({ ...head, 'grpc-status': status }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
  stream.end(frame(message));
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const unframe = (body: Buffer): Buffer => body.subarray(FRAME_HEAD);

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
