import type { CloudErasure } from '@vantio/functions/cloud';
import type { Selection } from '@vantio/functions/local';
import { CliError } from '../cli-error.ts';
import { type DoorOptions, readIngestDoor } from '../cloud/ingest-door.ts';
import { databaseFault, loadCloud, openCloudDatabase } from '../cloud/open-cloud.ts';
import { EXIT } from '../exit-codes.ts';
import { plural } from '../terminal/quantities.ts';
import type { readWhy } from './read-selection.ts';

export type CloudOptions = DoorOptions & {
  readonly database: string;
  readonly databaseRole: string;
  readonly dryRun?: true;
};

/** @throws {CliError} */
export async function eraseFromCloud(
  options: CloudOptions,
  selection: Selection,
  why: ReturnType<typeof readWhy>,
): Promise<CloudErasure> {
  const { tenantId } = selection;
  if (tenantId === undefined)
    throw new CliError('name the tenant with --tenant: a cloud ledger is kept by tenants.');
  const door = options.dryRun ? undefined : readIngestDoor(options);
  if (door === undefined && !options.dryRun)
    throw new CliError(
      'name the control plane with --ingest-url and its key with --key-file: what is erased is recorded there first; --dry-run only counts.',
    );
  const cloud = await loadCloud();
  const database = await openCloudDatabase(cloud, options.database, options.databaseRole);
  let erased = 0;
  try {
    return await cloud.eraseCloud({
      database,
      selection: { ...selection, tenantId },
      door,
      onErased: (values) => {
        erased += values;
      },
      ...why,
    });
  } catch (error) {
    throw told(error, erased, cloud.NotRecordedError);
  } finally {
    await database.close();
  }
}

function told(
  error: unknown,
  erased: number,
  NotRecordedError: typeof import('@vantio/functions/cloud').NotRecordedError,
): unknown {
  const before = `after ${plural(erased, 'value')} the erasure broke off, and may be run again`;
  if (error instanceof NotRecordedError)
    return new CliError(`${before}: ${error.message}.`, EXIT.wrong);
  const fault = databaseFault(error, 'written');
  return fault instanceof CliError ? new CliError(`${before}: ${fault.message}`) : fault;
}
