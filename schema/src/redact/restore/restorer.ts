/** Puts the values of a vault back into an answer that comes in parts; a token may be split anywhere. */
export type Restorer = {
  /** What can be handed on now. */
  readonly push: (bytes: Uint8Array) => Uint8Array;
  /** What was held back. */
  readonly end: () => Uint8Array;
};
