/**
 * Records of one message: the writer commits it as a whole, and Spanner takes 80,000 mutations a commit, every column and
 * index entry counted (about 60 a record).
 */
export const MAX_RECORDS = 1000;
/** A message may have 10 MB, and as JSON a line can become twice as long. */
const MAX_CHARACTERS = 4_000_000;

/** Splits a batch's lines, in order, into what one message each may hold. */
export function messagesOf(lines: readonly string[]): readonly (readonly string[])[] {
  const messages: string[][] = [];
  let characters = 0;
  for (const line of lines) {
    const last = messages.at(-1);
    if (last && last.length < MAX_RECORDS && characters + line.length < MAX_CHARACTERS) {
      last.push(line);
      characters += line.length;
    } else {
      messages.push([line]);
      characters = line.length;
    }
  }
  return messages;
}
