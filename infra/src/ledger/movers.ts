import type * as gcp from '@pulumi/gcp';
import type { Context } from '../context.ts';
import { grantDatabaseRole } from './roles.ts';

/** Those who carry ledgers out of and into the database, erase values of them, or publish policies, each as the one database role that it takes. */
export function letPeopleMoveLedgers(context: Context, database: gcp.spanner.Database): void {
  const { erasers, exporters, importers, policyPublishers } = context.settings;
  for (const [index, member] of exporters.entries())
    grantDatabaseRole(context, `exporter-${index}`, database, member, 'console_reader');
  for (const [index, member] of importers.entries())
    grantDatabaseRole(context, `importer-${index}`, database, member, 'importer');
  for (const [index, member] of erasers.entries())
    grantDatabaseRole(context, `eraser-${index}`, database, member, 'eraser');
  for (const [index, member] of policyPublishers.entries())
    grantDatabaseRole(context, `publisher-${index}`, database, member, 'policy_publisher');
}
