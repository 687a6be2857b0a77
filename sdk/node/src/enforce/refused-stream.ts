import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';

/** Stands for a stream that was never opened: it fails in the next turn, when the caller has put its listeners on. */
export function refusedStream(session: ClientHttp2Session, error: Error): ClientHttp2Stream {
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
  });
  const nothing = (): void => undefined;
  Object.assign(stream, {
    session,
    id: undefined,
    rstCode: 0,
    aborted: false,
    pending: true,
    sentHeaders: {},
    close: () => void stream.destroy(),
    priority: nothing,
    sendTrailers: nothing,
    setTimeout: () => stream,
  });
  process.nextTick(() => stream.destroy(error));
  return stream as unknown as ClientHttp2Stream;
}
