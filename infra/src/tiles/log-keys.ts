import * as gcp from '@pulumi/gcp';
import { type Context, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import { grantFurtherRole } from '../ledger/roles.ts';

const keyOf = (version: string): string => version.replace(/\/cryptoKeyVersions\/[0-9]+$/, '');

/**
 * Lets the sealer sign with keys in Cloud KMS, where some were named; they were made by people, and are not this program's. And
 * while one hands over to another, or is revoked, lets it say so in the ledger, which it otherwise cannot write to.
 */
export function grantLogKeys(
  context: Context,
  database: gcp.spanner.Database,
  accounts: Accounts,
): void {
  const { logKmsKey, nextLogKey, revokedLogKeys } = context.settings;
  const { member } = accounts.sealer;
  const kms = [logKmsKey, nextLogKey].filter((key) => key.startsWith('projects/')).map(keyOf);
  for (const [index, cryptoKeyId] of [...new Set(kms)].entries())
    new gcp.kms.CryptoKeyIAMMember(
      index === 0 ? 'sealer-signs' : 'sealer-signs-next',
      { cryptoKeyId, role: 'roles/cloudkms.signerVerifier', member },
      under(context),
    );
  if (nextLogKey !== '' || revokedLogKeys.length > 0)
    grantFurtherRole(context, 'sealer', database, member, 'key_recorder');
}
