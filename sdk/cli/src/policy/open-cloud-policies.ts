import { CliError } from '../cli-error.ts';
import { type DoorOptions, readIngestDoor } from '../cloud/ingest-door.ts';
import { databaseFault, loadCloud, openCloudDatabase } from '../cloud/open-cloud.ts';
import { EXIT } from '../exit-codes.ts';
import type { PolicyStore } from './policy-store.ts';

export type CloudPolicyOptions = DoorOptions & {
  readonly database: string;
  readonly databaseRole: string;
};

/** @throws {CliError} */
export async function openCloudPolicies(options: CloudPolicyOptions): Promise<PolicyStore> {
  const door = readIngestDoor(options);
  const cloud = await loadCloud();
  const database = await openCloudDatabase(cloud, options.database, options.databaseRole);
  const asked = async <T>(what: Promise<T>): Promise<T> => {
    try {
      return await what;
    } catch (error) {
      throw databaseFault(error, 'read');
    }
  };
  return {
    list: async (tenantId) =>
      (await asked(cloud.listPolicyRows(database, tenantId))).map((row) => ({
        version: row.version,
        mode: row.mode,
        published_at: row.publishedAt,
        policy_sha256: row.sha256,
        ...(row.signerId === undefined ? {} : { signer_id: row.signerId }),
      })),
    read: (tenantId, version) => asked(cloud.readPolicy(database, tenantId, version)),
    publish: async (text) => {
      if (door === undefined)
        throw new CliError(
          'name the control plane with --ingest-url and its key with --key-file: what is published is recorded there.',
        );
      try {
        await cloud.publishToCloud({ database, text, door });
      } catch (error) {
        if (error instanceof cloud.NotRecordedError)
          throw new CliError(
            `the policy is published and not recorded: ${error.message}; run the same command again.`,
            EXIT.wrong,
          );
        throw databaseFault(error, 'written');
      }
    },
    close: async () => {
      await database.close();
    },
  };
}
