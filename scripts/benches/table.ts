import type { Row } from './row.ts';

const HEADINGS = ['what', 'measured', 'against', 'ratio', 'target', ''] as const;

function cells(row: Row): string[] {
  const verdict = row.met === undefined ? '' : row.met ? 'met' : 'NOT met';
  const ratio = row.ratio === undefined ? '' : `${row.ratio.toFixed(2)} ×`;
  return [row.what, row.measured, row.against ?? '', ratio, row.target ?? '', verdict];
}

/** A Markdown table whose columns also line up in a terminal. */
export function table(rows: readonly Row[]): string {
  const lines = [[...HEADINGS], ...rows.map(cells)].map((line) =>
    line.map((cell) => cell.replaceAll('|', '\\|')),
  );
  const widths = HEADINGS.map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const [head, ...body] = lines.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [head, rule, ...body].join('\n');
}
