import * as gcp from '@pulumi/gcp';
import { type Context, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import { ledgerStatements } from './ddl.ts';
import { whileKept } from './protection.ts';

export function makeDatabase(
  context: Context,
  instance: gcp.spanner.Instance,
  key: DataKey,
): gcp.spanner.Database {
  const { settings } = context;
  const kept = settings.ledger === 'kept';
  return new gcp.spanner.Database(
    'database',
    {
      name: 'vantio',
      instance: instance.name,
      project: settings.projectId,
      databaseDialect: 'GOOGLE_STANDARD_SQL',
      ddls: [...ledgerStatements()],
      versionRetentionPeriod: '7d',
      // One is Google's, and refuses everybody; the other is the provider's, and refuses Pulumi.
      enableDropProtection: kept,
      deletionProtection: kept,
      ...(key === undefined ? {} : { encryptionConfig: { kmsKeyName: key } }),
    },
    // The statements make a new database. The provider would replace a database whose list changed anywhere but at its
    // end, so later migrations are the deploy identity's alone.
    under(context, { ...whileKept(settings), ignoreChanges: ['ddls'] }),
  );
}
