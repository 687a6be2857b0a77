import type { Database } from '@google-cloud/spanner';
import { readEnvelope } from '@vantio/schema/policy/signed-policy';
import { checkCustomPatterns } from '@vantio/schema/redact/check-custom-patterns';
import { createControlSession } from '../../ingest/control-session.ts';
import { type IngestDoor, sendControlBatch } from '../send-control-batch.ts';
import { insertPolicy } from './policy-table.ts';

export type PublishOptions = {
  /** Opened as the database role `policy_publisher`. */
  readonly database: Database;
  /** Envelope of the policy. */
  readonly text: string;
  /** Where the record of it goes. */
  readonly door: IngestDoor;
};

/**
 * Publishes a policy in the cloud and puts the `policy_change` record in the ledger. Broken off between the two, the same call again
 * makes up for the record: a version may be recorded twice, and is never recorded without being there.
 * @throws {PolicyError | NotRecordedError} and what the database says.
 */
export async function publishToCloud({ database, text, door }: PublishOptions): Promise<void> {
  checkCustomPatterns(readEnvelope(text).policy);
  const { policy, sha256, tenantId, signed } = await insertPolicy(database, text);
  const session = createControlSession(door.controlKey);
  session.start();
  session.say({
    event_type: 'policy_change',
    action_taken: 'RECORDED',
    policy_version: policy.version,
    policy_sha256: sha256,
    subject_tenant_id: tenantId,
    ...(signed === undefined ? {} : { signer_id: signed.signerId }),
  });
  session.head();
  session.end({ end_reason: 'shutdown' });
  await sendControlBatch(door, session.offer());
}
