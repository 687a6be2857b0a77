import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instantFromMicros, microsFromInstant, parseLedgerLine } from '@vantio/schema';
import { formatLogEntry } from '@vantio/schema/log-entry';
import type { Receipt } from '@vantio/schema/receipt';
import { formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { forge, seal, textsOf } from './forge.ts';
import { witnessLooks } from './witness-looks.ts';
import type { World } from './world.ts';

export const CLOUD_LOG = 'log.example';
const TENANT = 'acme';
const TEN_MINUTES = 600 * 1e6;

/**
 * Makes of the world what a tenant of cloud mode has: an export of its own records, and the log of their rows, under the same
 * key, which a witness cosigned.
 * @returns its last receipt, still to be signed.
 */
export async function asCloud(world: World): Promise<Receipt> {
  const origin = `${CLOUD_LOG}/${TENANT}`;
  await forge(world, (drafts) => drafts.filter(({ record }) => record.tenant_id === TENANT), {
    received: true,
  });
  const texts = [...textsOf(world.segment), ...textsOf(world.ledger)];
  // An export is one file.
  rmSync(world.segment);
  writeFileSync(world.ledger, texts.map((text) => `${text}\n`).join(''));
  const rows = texts
    .map(parseLedgerLine)
    .map((line) => formatLogEntry({ ...line, commitTimestamp: line.receivedAt }));
  await seal({ ...world, origin, sizes: [] }, rows, world.logKey);
  const publicKey = rawPublicKey(world.logKey);
  const vkey = `${formatVerifierKey({ name: origin, type: 'ed25519', publicKey })}\n`;
  for (const name of ['audit.vkey', 'pinned.vkey'])
    writeFileSync(join(world.directory, name), vkey);
  rmSync(join(world.directory, 'witness-state'), { recursive: true });
  await witnessLooks({ ...world, vkey });
  const own = textsOf(join(world.directory, 'receipts.ndjson'))
    .map((text): Receipt => JSON.parse(text).receipt)
    .filter(({ tenant_id }) => tenant_id === TENANT);
  const last = own.at(-1) as Receipt;
  const merge_by = instantFromMicros(microsFromInstant(last.received_at) + TEN_MINUTES);
  return { ...last, merge_by, origin };
}
