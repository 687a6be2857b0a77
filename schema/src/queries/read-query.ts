export type Column = { readonly name: string; readonly type: string; readonly meaning: string };

/** One file of `schema/queries`: a question to the ledger in GoogleSQL that Spanner runs. */
export type ComplianceQuery = {
  /** Of its file, without `.sql`. */
  readonly name: string;
  readonly question: string;
  /** What else a reader must know, or ''. */
  readonly notes: string;
  readonly columns: readonly Column[];
  /** Without its `ORDER BY`. */
  readonly select: string;
  readonly orderBy: string;
};

const HEADER =
  /^-- (?<question>.+\?)\n(?<notes>(?:--(?: .*)?\n)*?)-- Columns:\n(?<columns>(?:-- {3}.+\n)+)(?<select>[\s\S]+?)\n(?<orderBy>ORDER BY .+)\n$/;
const COLUMN = /^-- {3}(?<name>[A-Z][A-Za-z0-9]*) (?<type>[A-Z0-9]+) {2}(?<meaning>.+)$/;

/**
 * Reads a query file: a question, notes, `Columns:` with name, type and meaning of each, the statement, and on its last
 * line the order of the rows, which names columns only.
 * @throws {Error} naming what does not stand as it should.
 */
export function readQuery(name: string, text: string): ComplianceQuery {
  const { question, notes, columns, select, orderBy } = HEADER.exec(text)?.groups ?? {};
  if (!question || !columns || !select || !orderBy)
    throw new Error(`${name}.sql lacks its question, its columns or its ORDER BY line`);
  // The statement is put into a raw """ literal of BigQuery's.
  if (select.includes('"')) throw new Error(`${name}.sql holds a double quote: use single ones`);
  return {
    name,
    question,
    notes: (notes ?? '').replaceAll(/^-- ?/gm, '').trim(),
    columns: columns.trimEnd().split('\n').map(readColumn),
    select,
    orderBy,
  };
}

function readColumn(line: string): Column {
  const { name, type, meaning } = COLUMN.exec(line)?.groups ?? {};
  if (!name || !type || !meaning) throw new Error(`no column: ${line}`);
  return { name, type, meaning };
}

/** As a person runs it on Spanner, with parameters. */
export const spannerQuery = ({ select, orderBy }: ComplianceQuery): string =>
  `${select}\n${orderBy}`;
