import { generateKeyPairSync } from 'node:crypto';
import {
  createSession,
  type Envelope,
  instantFromMicros,
  parseEnvelope,
  type RecordDraft,
  readApiKey,
  recordHash,
  recordKey,
} from '@vantio/schema';
import { type ImportRow, ledgerRows } from '@vantio/schema/spanner/ledger-row';
import type { ImportDatabase } from './import-database.ts';

const EMITTER = 'vantio';
const VERSION = '0.1.0';
const GROUP = 200;

/** Name of a local ledger's log in an `import` record; a log with checkpoints has an origin line of its own. */
export const originOf = (chainId: string): string => `ndjson:${chainId}`;

/**
 * Writes down that these imports are complete: a row each and, with an API key, an `import` record each, in a session of
 * its own under that key. Row and record are one commit, so however often an import is run, it is said once.
 * @returns RecordHashes of the `import` records that were made now.
 */
export async function recordImports(
  database: ImportDatabase,
  imports: readonly ImportRow[],
  apiKey: string | undefined,
): Promise<readonly string[]> {
  const due: ImportRow[] = [];
  for (const row of imports) if (!(await database.isComplete(row))) due.push(row);
  const made: string[] = [];
  for (let from = 0; from < due.length; from += GROUP) {
    const group = due.slice(from, from + GROUP);
    const said = apiKey === undefined ? undefined : sayImports(group, apiKey);
    const outcome = await database.insert({
      records: said?.records ?? [],
      imports: said?.imports ?? group,
    });
    if (outcome === 'refused')
      throw new Error('the database refuses to take down that an import is complete');
    // Otherwise somebody else imported the same at the same time, and said so.
    if (outcome === 'inserted')
      made.push(...(said?.imports ?? []).flatMap((row) => row.RecordHash ?? []));
  }
  return made;
}

function sayImports(imports: readonly ImportRow[], apiKey: string) {
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'cli',
    recordKey: recordKey(apiKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  const say = (draft: object): Envelope =>
    parseEnvelope(
      session.seal(
        {
          action_taken: 'RECORDED',
          evidence: 'observed',
          trace_origin: 'none',
          ...draft,
        } as RecordDraft,
        Date.now() * 1000,
      ).envelope,
    );
  const start = say({
    event_type: 'session_start',
    session_public_key: session.publicKey,
    emitter: EMITTER,
    emitter_version: VERSION,
  });
  const said = imports.map((row) => ({
    row,
    envelope: say({
      event_type: 'import',
      records: row.TenantLines,
      import_origin: originOf(row.ChainId),
      ...(row.TenantId === tenantId ? {} : { subject_tenant_id: row.TenantId }),
    }),
  }));
  const end = say({ event_type: 'session_end', end_reason: 'shutdown' });
  const receivedAt = instantFromMicros(Date.now() * 1000);
  return {
    records: [start, ...said.map(({ envelope }) => envelope), end].map((envelope) =>
      ledgerRows(envelope, receivedAt),
    ),
    imports: said.map(({ row, envelope }) => ({
      ...row,
      RecordHash: recordHash(envelope.canonical),
    })),
  };
}
