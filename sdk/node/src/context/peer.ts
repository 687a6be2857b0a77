import { debug } from './debug.ts';
import type { Peer, Span } from './span.ts';

let make: ((span: Span) => Peer | undefined) | undefined;

/** Gives a shield that begins its twin in another library, which may also give it its ids. A fault leaves it without one. */
export function givePeer(span: Span): void {
  if (make === undefined) return;
  try {
    span.peer = make(span);
  } catch (error) {
    debug('a shield could not be exported', error);
  }
}

export function endPeer(span: Span): void {
  const { peer } = span;
  if (peer === undefined) return;
  try {
    peer.end(span);
  } catch (error) {
    debug('the end of a shield could not be exported', error);
  }
}

export function makePeersBy(maker: typeof make): void {
  make = maker;
}
