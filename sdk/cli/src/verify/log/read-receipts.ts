import type { Finding } from '@vantio/schema';
import { type SignedReceipt, signedReceiptSchema } from '@vantio/schema/receipt';
import { CliError, systemCode } from '../../cli-error.ts';
import { readLines } from '../../ledger/read-lines.ts';

export type ReceiptLine = { readonly line: number; readonly signed: SignedReceipt };

/** A batch of 1,000 events is a tenth of it. */
const MAX_RECEIPT_BYTES = 4 << 20;

/**
 * Receipts of a file, one a line. What is no receipt is reported.
 * @throws {CliError} when the file cannot be read.
 */
export function* readReceipts(
  file: string,
  report: (finding: Finding) => void,
): Iterable<ReceiptLine> {
  const fault = (line: number, message: string): void =>
    report({ check: 'receipt', severity: 'wrong', file, line, message });
  try {
    for (const line of readLines(file, { maxBytes: MAX_RECEIPT_BYTES })) {
      const { number } = line;
      if (line.kind === 'torn') fault(number, 'the last line does not end in a newline');
      else if (line.kind === 'refused') fault(number, `the line ${line.reason}`);
      else {
        const read = parse(line.text);
        if ('fault' in read) fault(number, read.fault);
        else yield { line: number, signed: read.signed };
      }
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CliError(
      `${file} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}

function parse(text: string): { readonly signed: SignedReceipt } | { readonly fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'is not JSON' };
  }
  const { success, data, error } = signedReceiptSchema.safeParse(value);
  if (success) return { signed: data };
  const [issue] = error.issues;
  const field = issue?.path.join('.');
  return {
    fault: `is not a receipt: ${field ? `${field} is not as schema/log.md says` : 'it has other members'}`,
  };
}
