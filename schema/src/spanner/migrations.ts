import { createHash } from 'node:crypto';

export type Migration = {
  readonly number: number;
  readonly title: string;
  /** DDL statements without comments and semicolons. */
  readonly statements: readonly string[];
  /** Of the statements, so that an edited migration is noticed and an edited comment is not. */
  readonly sha256: string;
};

const HEADING = /^-- migration ([1-9][0-9]*): (.+)$/;

/**
 * The migrations of a DDL file, in order.
 * @throws {Error} when their numbers are not 1, 2, 3 ….
 */
export function readMigrations(ddl: string): readonly Migration[] {
  const parts: { readonly number: number; readonly title: string; readonly lines: string[] }[] = [];
  for (const line of ddl.split('\n')) {
    const [, number, title] = HEADING.exec(line) ?? [];
    if (number !== undefined && title !== undefined) {
      if (Number(number) !== parts.length + 1)
        throw new Error(`migration ${number} stands where migration ${parts.length + 1} belongs`);
      parts.push({ number: Number(number), title, lines: [] });
    } else if (!/^\s*--/.test(line)) parts.at(-1)?.lines.push(line);
  }
  return parts.map(({ number, title, lines }) => {
    const statements = statementsOf(lines.join('\n'));
    const sha256 = createHash('sha256').update(statements.join(';\n')).digest('hex');
    return { number, title, statements, sha256 };
  });
}

/** In these files a semicolon at the end of a line ends a statement. */
export const statementsOf = (text: string): readonly string[] =>
  text
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
