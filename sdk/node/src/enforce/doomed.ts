import { microtask } from '../context/main-realm.ts';

const doomed = new Map<string, Error>();

/**
 * The connection that is about to be made is for a request that was refused, though where it goes to is not what was
 * refused: a proxy. undici connects in the same stretch of code in which it makes the request.
 */
export function doomConnection(
  place: { readonly host: string; readonly port: number },
  error: Error,
): void {
  if (doomed.size === 0) microtask(() => doomed.clear());
  doomed.set(`${place.host}:${place.port}`, error);
}

export function takeDoom(place: {
  readonly host: string;
  readonly port: number;
}): Error | undefined {
  if (doomed.size === 0) return undefined;
  const key = `${place.host}:${place.port}`;
  const error = doomed.get(key);
  doomed.delete(key);
  return error;
}
