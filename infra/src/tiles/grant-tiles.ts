import * as gcp from '@pulumi/gcp';
import { type Context, component, under } from '../context.ts';
import type { Accounts } from '../identity/accounts.ts';
import type { Buckets } from './buckets.ts';

/**
 * The sealer makes objects in both buckets, and replaces and removes in the moving one alone; the log reads. What is settled
 * nobody can overwrite: to make an object anew takes the right to delete it, which none of them has there.
 */
export const grantTiles = (context: Context, buckets: Buckets, accounts: Accounts): void =>
  component(context, 'tiles-grants', (inner) => {
    const grant = (account: 'sealer' | 'log', which: keyof Buckets, role: string): void => {
      new gcp.storage.BucketIAMMember(
        `${account}-${which}-${role}`,
        {
          bucket: buckets[which].name,
          role: `roles/storage.${role}`,
          member: accounts[account].member,
        },
        under(inner),
      );
    };
    grant('sealer', 'settled', 'objectCreator');
    grant('sealer', 'settled', 'objectViewer');
    grant('sealer', 'moving', 'objectUser');
    grant('log', 'settled', 'objectViewer');
    grant('log', 'moving', 'objectViewer');
  });
