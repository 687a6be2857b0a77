/**
 * What a place in a request is. `root`: the request itself, of which only the members with content are looked into. `content`:
 * all of it but what the API reads itself. `free`: a user's own data, such as a tool's arguments, all of it. `address`: of a file or
 * picture, which is not changed, and may hold the whole of it as a data URL.
 */
export type Place = {
  readonly kind: 'root' | 'content' | 'free' | 'address';
  /** What its key says of a value in it. */
  readonly hint: number;
};

export const ROOT: Place = { kind: 'root', hint: 0 };
export const ADDRESS: Place = { kind: 'address', hint: 0 };
export const CONTENT: Place = { kind: 'content', hint: 0 };
