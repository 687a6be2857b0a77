import type { Database } from '@google-cloud/spanner';
import type { NoteVerifier } from '@vantio/schema/tlog/note';
import { createLogReader, type LogReader } from '../../log/log-reader.ts';
import { createCheckpoints } from '../seal/checkpoints.ts';
import { leafEntries } from '../seal/leaf-entries.ts';
import { createRotations } from '../seal/rotations.ts';
import { createTenantFiles, type LogBuckets } from '../seal/tenant-files.ts';
import { createCosignatureRows } from './cosignature-rows.ts';
import { createFindLeaf } from './find-leaf.ts';

export type TenantLogOptions = LogBuckets & {
  readonly database: Database;
  readonly verifierOf: (tenantId: string) => readonly NoteVerifier[];
  /** Verifier keys of witnesses, one a line. */
  readonly witnesses: string;
};

/** The log of one tenant, for one request. */
export const createTenantLogReader =
  ({ database, settled, moving, verifierOf, witnesses }: TenantLogOptions) =>
  (tenantId: string): LogReader =>
    createLogReader(
      createTenantFiles({
        tenantId,
        settled,
        moving,
        entries: (from, to) => leafEntries(database, tenantId, from, to),
        checkpoints: createCheckpoints(database, tenantId),
        rotations: createRotations(database, tenantId),
        cosignatures: createCosignatureRows(database, tenantId, witnesses),
      }),
      verifierOf(tenantId),
      createFindLeaf(database),
    );
