/**
 * A bucket of Cloud Storage. What a call wrote is durable, and seen by every later read, when it resolves. A call that rejects
 * may have written; doing it again is safe, for every write names the generation that it is to take the place of.
 */
export type Bucket = {
  /** Undefined when there is no such object. */
  readonly read: (name: string) => Promise<Uint8Array | undefined>;
  /** Also which generation of the object that is: what `replace` asks for. */
  readonly readCurrent: (name: string) => Promise<StoredObject | undefined>;
  /** @returns false when there is an object of that name already. */
  readonly create: (name: string, bytes: Uint8Array) => Promise<boolean>;
  /** @returns false when the object is no longer of that generation; 0: when there is one. */
  readonly replace: (name: string, bytes: Uint8Array, generation: string) => Promise<boolean>;
  /** Leaves nothing of that name, also if nothing was there. */
  readonly remove: (name: string) => Promise<void>;
};

export type StoredObject = { readonly bytes: Uint8Array; readonly generation: string };

export const NO_GENERATION = '0';
