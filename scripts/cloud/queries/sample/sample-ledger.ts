import { createHash } from 'node:crypto';
import { parseEnvelope } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { oneOfEachType } from '@vantio/schema/vectors/one-of-each-type';
import type { Database, Row } from '../../spanner-rest.ts';
import { fixedKeyId, type SampleRow } from './emitter.ts';
import {
  forgedSession,
  MEMBERS,
  OPERATOR,
  operatorSession,
  type Subject,
} from './operator-session.ts';
import { agentSession, forkedSessions, nodeSession } from './tenant-sessions.ts';

/** The tenant whose questions are asked, and one with the very same history, of which nothing may ever be seen. */
export const TENANT = 'acme';
export const RIVAL = 'globex';
/** Its end is ten minutes after a moment at which some records were committed and some were not. */
export const RANGE = { from: '2026-01-05T00:00:00.000000Z', to: '2026-02-01T00:10:00.500000Z' };

const document = (version: number): string => `{"mode":"enforce","version":${version}}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function tenantHistory(tenant: string): {
  readonly rows: readonly SampleRow[];
  readonly subject: Subject;
} {
  const agent = agentSession(tenant, sha256(document(3)));
  const [fork, twin] = forkedSessions(tenant);
  const rows = [agent, nodeSession(tenant), fork, twin].flatMap((emitter) => emitter.rows);
  const at = (label: string) => {
    const found = rows.find((row) => row.label === label);
    if (!found) throw new Error(`no ${label}`);
    return found.row;
  };
  const subject = {
    tenant,
    policySha256: sha256(document(3)),
    keyIds: { used: agent.keyId, revoked: fork.keyId, unused: fixedKeyId(tenant, 'unused') },
    event: at('agent/4').EventId,
    conflict: { event: at('twin/1').EventId, hash: at('twin/1').RecordHash },
  };
  return { rows, subject };
}

const when = (second: number): string => `2026-01-07T01:00:0${second}.000000Z`;

const policies = (tenant: string): readonly Row[] =>
  [3, 4, 5].map((version) => ({
    TenantId: tenant,
    PolicyVersion: version,
    Document: document(version),
    SignerId: '01234567',
    CommitTimestamp: when(version),
  }));

const members = (tenant: string): readonly Row[] => {
  const { owner, auditor, unrecorded } = MEMBERS;
  const changes: [string, string | null][] = [
    [owner, 'owner'],
    [auditor, 'auditor'],
    [auditor, null],
    [unrecorded, 'viewer'],
  ];
  return changes.map(([member, role], at) => ({
    TenantId: tenant,
    MemberId: member,
    CommitTimestamp: when(at),
    MemberRole: role,
  }));
};

const checkpoints = (tenant: string): readonly Row[] =>
  [10, 30].map((size, at) => ({
    TenantId: tenant,
    TreeSize: size,
    RootHash: `${at}`.repeat(64),
    Note: `${tenant}/log\n${size}\n`,
    CommitTimestamp: when(at),
  }));

/** Writes the sample and returns what each id and hash in it stands for. */
export async function insertSample({ insert }: Database): Promise<ReadonlyMap<string, string>> {
  const own = tenantHistory(TENANT);
  const others = tenantHistory(RIVAL);
  const operator = operatorSession([own.subject, others.subject]);
  const forged = forgedSession(RIVAL, own.subject);
  const everyType = oneOfEachType().map(({ envelope, record }) => ({
    label: `every-type/${record.seq}`,
    row: {
      ...ledgerRows(parseEnvelope(envelope), record.occurred_at).ledger,
      CommitTimestamp: record.occurred_at,
    },
  }));
  const shown = [...own.rows, ...operator.rows];
  const rows = [...shown, ...others.rows, ...forged.rows, ...everyType];
  await insert(
    'TrueTimeLedger',
    rows.map(({ row }) => row),
  );
  for (const tenant of [TENANT, RIVAL]) {
    await insert('Policies', policies(tenant));
    await insert('Members', members(tenant));
    await insert('Checkpoints', checkpoints(tenant));
  }
  return namesOf(shown, own.subject);
}

/** Only of what the tenant may see: an id of the rival's stays bare, and no expectation holds one. */
function namesOf(
  rows: readonly SampleRow[],
  { keyIds, policySha256 }: Subject,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>([
    [policySha256, 'policy-3'],
    [sha256(document(4)), 'policy-4'],
    [sha256(document(5)), 'policy-5'],
  ]);
  for (const [name, id] of Object.entries(keyIds)) names.set(id, `key-${name}`);
  for (const [name, id] of Object.entries(MEMBERS)) names.set(id, `member-${name}`);
  for (const { label, row } of rows) {
    const [session = label] = label.split('/');
    const { session_id: sessionId, key_id: keyId } = JSON.parse(row.Record) as Record<
      string,
      string
    >;
    const add = (value: string, name: string) => names.has(value) || names.set(value, name);
    if (sessionId) add(sessionId, session);
    if (keyId) add(keyId, `key-${OPERATOR}`);
    add(row.RecordHash, `hash:${label}`);
    add(row.EventId, `event:${label}`);
    add(row.Record, `record:${label}`);
    add(row.RecordMac, `mac:${label}`);
  }
  return names;
}
