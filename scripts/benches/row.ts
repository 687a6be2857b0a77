/** One line of the table: a benchmark prints each as one line of JSON on standard output. */
export type Row = {
  /** What was measured, in words. */
  readonly what: string;
  /** With its unit: `41,300 events/s`, `1.2 µs`. */
  readonly measured: string;
  /** What it is held against in the same run: `OpenTelemetry 5.6 µs`. */
  readonly against?: string;
  /** Ours divided by theirs. */
  readonly ratio?: number;
  /** What issue or design ask for: `≤ 0.5 ×`, `≥ 40,000/s`. */
  readonly target?: string;
  readonly met?: boolean;
};

/** For the benchmarks: hands a row to the runner. */
export function printRow(row: Row): void {
  console.log(JSON.stringify(row));
}

/** For the runner; undefined for what is not a row. */
export function readRow(line: string): Row | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as Partial<Row>;
    return typeof value.what === 'string' && typeof value.measured === 'string'
      ? (value as Row)
      : undefined;
  } catch {
    return undefined;
  }
}
