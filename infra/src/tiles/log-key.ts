import * as gcp from '@pulumi/gcp';
import { type Context, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';

/** Lets the sealer sign with a key in Cloud KMS, where one was named; it was made by people, and is not this program's. */
export function grantLogKey(context: Context, accounts: Accounts): void {
  const { logKmsKey } = context.settings;
  if (logKmsKey === '') return;
  new gcp.kms.CryptoKeyIAMMember(
    'sealer-signs',
    {
      cryptoKeyId: logKmsKey.replace(/\/cryptoKeyVersions\/[0-9]+$/, ''),
      role: 'roles/cloudkms.signerVerifier',
      member: accounts.sealer.member,
    },
    under(context),
  );
}
