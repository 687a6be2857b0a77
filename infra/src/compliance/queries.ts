import { readdirSync, readFileSync } from 'node:fs';
import { canBeView } from '../../../schema/src/queries/bigquery.ts';
import { type ComplianceQuery, readQuery } from '../../../schema/src/queries/read-query.ts';

const FOLDER = new URL('../../../schema/queries/', import.meta.url);

/** The questions of `schema/queries` that can stand as a view: all but the one about a single trace. */
export const complianceQueries = (): readonly ComplianceQuery[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) =>
      readQuery(file.slice(0, -'.sql'.length), readFileSync(new URL(file, FOLDER), 'utf8')),
    )
    .filter(canBeView);
