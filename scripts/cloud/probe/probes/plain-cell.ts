/** A cell of an answer of Spanner's or BigQuery's, in one spelling for both. */
export function plainCell(type: string, cell: unknown): string | null {
  if (cell === null || cell === undefined) return null;
  const text = String(typeof cell === 'object' && 'value' in cell ? cell.value : cell);
  switch (type) {
    // Spanner writes up to nine digits of a second, BigQuery has six and leaves out zeros.
    case 'TIMESTAMP':
      return microsOf(text);
    case 'FLOAT64':
      return String(Number(text));
    default:
      return text;
  }
}

function microsOf(instant: string): string {
  const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d{1,9}))?Z$/.exec(instant) ?? [];
  const millis = Date.parse(`${seconds}Z`);
  if (Number.isNaN(millis)) return instant;
  return String(BigInt(millis) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6)));
}
