import { ledgerStatements } from '../ledger/ddl.ts';
import { FULL } from '../testing/config.ts';
import { runProgram } from '../testing/run-program.ts';
import { grantsOf } from './grants.ts';
import { renderPermissions } from './render.ts';

export const PAGE = new URL('../../PERMISSIONS.md', import.meta.url);

/** The page as it must be now. */
export async function currentPermissions(): Promise<string> {
  const { made } = await runProgram(FULL);
  return renderPermissions(grantsOf(made), ledgerStatements(), FULL['gcp:project'] ?? '');
}
