import { InfraError } from '../infra-error.ts';

/** What the second switch must name, so that a setting copied from another stack destroys nothing. */
export const ledgerName = (projectId: string): string => `${projectId}/vantio/vantio`;

/**
 * The ledger goes only if told twice: `destroyLedger` is true and `destroyLedgerOf` is this very ledger's name.
 * @throws {InfraError} half_told, when only one of the two is said: somebody meant something, and not clearly.
 */
export function ledgerFate(
  projectId: string,
  destroyLedger: boolean,
  destroyLedgerOf: string,
): 'kept' | 'to be destroyed' {
  if (!destroyLedger && destroyLedgerOf === '') return 'kept';
  if (destroyLedger && destroyLedgerOf === ledgerName(projectId)) return 'to be destroyed';
  throw new InfraError(
    'half_told',
    `the ledger is destroyed only with vantio:destroyLedger true and vantio:destroyLedgerOf ${ledgerName(projectId)}`,
  );
}
