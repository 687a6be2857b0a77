import type { BigQuery } from '@google-cloud/bigquery';

/** By column; what has no counterpart in JavaScript is an object with its text as `value`. */
export type BigQueryRow = Readonly<Record<string, unknown>>;

export type BigQueryAnswer =
  | { readonly kind: 'rows'; readonly rows: readonly BigQueryRow[] }
  /** The query was looked at, and is wrong or forbidden. */
  | { readonly kind: 'refused'; readonly said: string }
  /** Nothing is known of the query. */
  | { readonly kind: 'failed'; readonly said: string };

// https://cloud.google.com/bigquery/docs/error-messages
const REFUSALS: ReadonlySet<unknown> = new Set(['accessDenied', 'invalidQuery', 'invalid']);
const SAID_CHARACTERS = 160;

/** Runs one statement. */
export async function askBigQuery(
  bigQuery: BigQuery,
  query: string,
  location: string,
): Promise<BigQueryAnswer> {
  try {
    const [job] = await bigQuery.createQueryJob({ query, location });
    const [rows] = await job.getQueryResults({ wrapIntegers: true });
    return { kind: 'rows', rows: rows as readonly BigQueryRow[] };
  } catch (error) {
    const { errors, message } = error as {
      readonly errors?: readonly { readonly reason?: unknown }[];
      readonly message?: unknown;
    };
    const reason = errors?.[0]?.reason;
    const text = String(message).replaceAll(/\s+/g, ' ').slice(0, SAID_CHARACTERS);
    const said = typeof reason === 'string' ? `${reason} (${text})` : text;
    return { kind: REFUSALS.has(reason) ? 'refused' : 'failed', said };
  }
}
