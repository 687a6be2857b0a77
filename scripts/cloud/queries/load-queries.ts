import { readdirSync, readFileSync } from 'node:fs';
import { type ComplianceQuery, readQuery } from '@vantio/schema/queries/read-query';

const FOLDER = new URL('../../../schema/queries/', import.meta.url);
const SUFFIX = '.sql';

/** Every query of `schema/queries`, by name. */
export function loadQueries(): readonly ComplianceQuery[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(SUFFIX));
  return files
    .sort()
    .map((file) =>
      readQuery(file.slice(0, -SUFFIX.length), readFileSync(new URL(file, FOLDER), 'utf8')),
    );
}
