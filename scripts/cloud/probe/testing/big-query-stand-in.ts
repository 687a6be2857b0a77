import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BigQuery } from '@google-cloud/bigquery';
import type { Column } from '@vantio/schema/queries/read-query';
import { loadQueries } from '../../queries/load-queries.ts';
import { plainCell } from '../probes/plain-cell.ts';

type Rows = readonly (readonly (string | null)[])[];
type Result = { readonly columns: readonly Column[]; readonly rows: Rows };
type Problem = { readonly status: number; readonly reason: string };

/** How this BigQuery differs from one that brings what Spanner says. */
export type BigQueryFault = {
  readonly rows?: (rows: Rows) => Rows;
  readonly problem?: Problem;
};

export type BigQueryStandIn = {
  readonly client: () => Promise<BigQuery>;
  readonly misbehave: (fault: BigQueryFault) => void;
  readonly close: () => void;
};

const LITERAL =
  /^SELECT(?<columns>[\s\S]+?)\nFROM EXTERNAL_QUERY\('(?<connection>[^']+)', r"""(?<inner>[\s\S]+)"""\)/;

/**
 * A stand-in for BigQuery, for which there is no emulator: the two calls of its REST interface that a query takes. It hands
 * the literal of EXTERNAL_QUERY to Spanner and writes the rows as BigQuery does. It evaluates no outer part: that the columns
 * are selected and ordered by it is for scripts/cloud/queries to test.
 */
export async function startBigQueryStandIn(
  askSpanner: (sql: string) => Promise<Rows>,
): Promise<BigQueryStandIn> {
  let fault: BigQueryFault = {};
  const jobs = new Map<string, Result>();

  const run = async (query: string): Promise<Result> => {
    const { columns = '', inner = '' } = LITERAL.exec(query)?.groups ?? {};
    const found = columnsOf(columns);
    const rows = (await askSpanner(inner)).toReversed();
    return { columns: found, rows: fault.rows?.(rows) ?? rows };
  };

  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (fault.problem) {
      const { status, reason } = fault.problem;
      answer(status, {
        error: { code: status, message: reason, errors: [{ reason, message: reason }] },
      });
      return;
    }
    const [, job = ''] = /\/queries\/([\w-]+)/.exec(request.url ?? '') ?? [];
    const known = jobs.get(job);
    if (known) {
      answer(200, { jobComplete: true, ...resultOf(known) });
      return;
    }
    let text = '';
    for await (const part of request) text += part;
    const { configuration, jobReference } = JSON.parse(text) as {
      readonly configuration: { readonly query: { readonly query: string } };
      readonly jobReference: { readonly jobId: string };
    };
    jobs.set(jobReference.jobId, await run(configuration.query.query));
    answer(200, { jobReference, status: { state: 'DONE' } });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const apiEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    client: async () => new BigQuery({ projectId: 'vantio-local', apiEndpoint }),
    misbehave: (next) => {
      fault = next;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Names stand in the statement; their types in the query's file. */
function columnsOf(list: string): readonly Column[] {
  const names = list.split(',').map((name) => name.trim());
  const query = loadQueries().find(
    ({ columns }) => columns.map(({ name }) => name).join() === names.join(),
  );
  if (!query) throw new Error(`no query has the columns ${names.join(', ')}`);
  return query.columns;
}

const resultOf = ({ columns, rows }: Result) => ({
  schema: { fields: columns.map(({ name, type }) => ({ name, type })) },
  totalRows: String(rows.length),
  rows: rows.map((row) => ({
    f: columns.map(({ type }, index) => ({ v: plainCell(type, row[index]) })),
  })),
});
