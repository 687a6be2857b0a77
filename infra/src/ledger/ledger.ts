import type * as gcp from '@pulumi/gcp';
import { type Context, component } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import type { Accounts } from '../identity/accounts.ts';
import { makeDatabase } from './database.ts';
import { makeDeployIdentity } from './deploy-identity.ts';
import { makeInstance } from './instance.ts';
import { letPeopleMoveLedgers } from './movers.ts';

/** The Spanner instance, the database with its tables and roles, and the identity that may change them. */
export const makeLedger = (
  context: Context,
  accounts: Accounts,
  key: DataKey,
): gcp.spanner.Database =>
  component(context, 'ledger', (inner) => {
    const database = makeDatabase(inner, makeInstance(inner), key);
    makeDeployIdentity(inner, database, accounts.deploy);
    letPeopleMoveLedgers(inner, database);
    return database;
  });
