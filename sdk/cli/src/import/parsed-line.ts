import { EnvelopeError, type LedgerLine, parseLedgerLine } from '@vantio/schema';

/** Undefined if the text is no line of a ledger. */
export function parsedLine(text: string): LedgerLine | undefined {
  try {
    return parseLedgerLine(text);
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined;
    throw error;
  }
}
