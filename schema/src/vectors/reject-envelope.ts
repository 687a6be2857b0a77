export type RejectEnvelope = {
  readonly name: string;
  /** The line, as text; or as bytes when it is not UTF-8. */
  readonly envelope?: string;
  readonly envelope_hex?: string;
  readonly code: string;
  readonly field: string;
};

export const refuse = (
  name: string,
  envelope: string,
  code: string,
  field: string,
): RejectEnvelope => ({
  name,
  envelope,
  code,
  field,
});
