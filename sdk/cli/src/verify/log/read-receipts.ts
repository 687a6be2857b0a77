import type { Finding } from '@vantio/schema';
import { ReceiptError, readReceipt } from '@vantio/schema/read-receipt';
import type { SignedReceipt } from '@vantio/schema/receipt';
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
      // Whoever kept the receipts was ended while writing: no fault of the log's.
      if (line.kind === 'torn')
        report({
          check: 'receipt',
          severity: 'unmeasured',
          file,
          line: number,
          message: 'receipt unmeasured: the last line does not end in a newline',
        });
      else if (line.kind === 'refused') fault(number, `the line ${line.reason}`);
      else {
        const signed = read(line.text, (message) => fault(number, message));
        if (signed !== undefined) yield { line: number, signed };
      }
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new CliError(
      `${file} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}

function read(text: string, fault: (message: string) => void): SignedReceipt | undefined {
  try {
    return readReceipt(text);
  } catch (error) {
    if (!(error instanceof ReceiptError)) throw error;
    fault(error.message);
    return undefined;
  }
}
