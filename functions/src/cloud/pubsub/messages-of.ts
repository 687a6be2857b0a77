/**
 * Records of one message: as many as the writer can commit at once, without disclosures (see commits-of.ts).
 */
export const MAX_RECORDS = 1000;
/** A message may have 10 MB, and as JSON a line can become twice as long. Bytes, for what is disclosed may be in any script. */
const MAX_BYTES = 4_000_000;

/** Splits a batch's lines, in order, into what one message each may hold. */
export function messagesOf(lines: readonly string[]): readonly (readonly string[])[] {
  const messages: string[][] = [];
  let bytes = 0;
  for (const line of lines) {
    const last = messages.at(-1);
    const more = Buffer.byteLength(line);
    if (last && last.length < MAX_RECORDS && bytes + more < MAX_BYTES) {
      last.push(line);
      bytes += more;
    } else {
      messages.push([line]);
      bytes = more;
    }
  }
  return messages;
}
