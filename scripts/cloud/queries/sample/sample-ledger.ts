import { parseEnvelope } from '@vantio/schema';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { oneOfEachType } from '@vantio/schema/vectors/one-of-each-type';
import type { Database } from '../../spanner-rest.ts';
import { fixedKeyId, type SampleRow, type Telling } from './emitter.ts';
import { leaves } from './leaves.ts';
import { nameRows } from './name-rows.ts';
import { OPERATOR, type Subject, statementsSession } from './operator-session.ts';
import { checkpoints, members, policies, policySha256 } from './other-tables.ts';
import { agentSession, forkedSessions, nodeSession } from './tenant-sessions.ts';

/** The tenant whose questions are asked. */
export const TENANT = 'acme';
/** Has the same history under the same session and event ids, with losses of its own; nothing of it may ever be seen. */
export const RIVAL = 'globex';
/** Its end is ten minutes after a moment at which some records were committed and some were not. */
export const RANGE = { from: '2025-01-05T00:00:00.000000Z', to: '2025-02-01T00:10:00.500000Z' };

const LOST_BY_RIVAL: readonly string[] = ['agent/5', 'twin/2'];
/** The same story again, outside of the range. */
const BEFORE = { prefix: 'before-', shiftDays: -60 } as const;
const AFTER = { prefix: 'after-', shiftDays: 60 } as const;

function tenantRows(telling: Telling): readonly SampleRow[] {
  return [
    agentSession(telling, policySha256(3)),
    nodeSession(telling),
    ...forkedSessions(telling),
  ].flatMap(({ rows }) => rows);
}

function subjectOf(tenant: string): Subject {
  const rows = tenantRows({ tenant, complete: true });
  const at = (label: string) => {
    const found = rows.find((row) => row.label === label);
    if (!found) throw new Error(`no ${label}`);
    return found.row;
  };
  return {
    tenant,
    policySha256: policySha256(3),
    keyIds: {
      used: fixedKeyId(tenant, `${tenant} key`),
      revoked: fixedKeyId(tenant, `${tenant} second key`),
      unused: fixedKeyId(tenant, `${tenant} unused key`),
    },
    event: at('agent/4').EventId,
    lostEvent: at('node/5').EventId,
    conflict: { event: at('twin/1').EventId, hash: at('twin/1').RecordHash },
  };
}

/** What a liar says: another key revoked, another claimant reported. */
function lieAbout(subject: Subject): Subject {
  const { used, revoked, unused } = subject.keyIds;
  const fork = tenantRows({ tenant: subject.tenant }).find(({ label }) => label === 'fork/1');
  return {
    ...subject,
    keyIds: { used: unused, revoked: used, unused: revoked },
    conflict: { event: subject.conflict.event, hash: fork?.row.RecordHash ?? '' },
  };
}

function operatorRows(): readonly SampleRow[] {
  const subjects = [TENANT, RIVAL].map(subjectOf);
  const options = { label: 'operator', source: 'control_plane', plan: 'control' } as const;
  // What says how things stood must not be said twice before the range.
  const events = ['policy_change', 'access', 'export', 'erasure', 'quota_refused'] as const;
  return [
    statementsSession({ ...options, telling: { tenant: OPERATOR } }, subjects),
    statementsSession({ ...options, telling: { tenant: OPERATOR, ...AFTER } }, subjects),
    statementsSession({ ...options, telling: { tenant: OPERATOR, ...BEFORE } }, subjects, events),
  ].flatMap(({ rows }) => rows);
}

/** What ingest refuses from others, and what it takes: `cli` from any key. Only the tenant's own says anything of it. */
function forgedRows(): {
  readonly own: readonly SampleRow[];
  readonly foreign: readonly SampleRow[];
} {
  const lie = [lieAbout(subjectOf(TENANT))];
  const forge = (tenant: string, source: 'cli' | 'control_plane', label: string) =>
    statementsSession({ telling: { tenant }, label, source }, lie);
  const own = statementsSession(
    { telling: { tenant: TENANT }, label: 'own-cli', source: 'cli' },
    lie,
    ['policy_change', 'key_revoked', 'member_change', 'conflict', 'access', 'erasure'],
  );
  const foreign = [
    forge(RIVAL, 'cli', 'forged'),
    forge(RIVAL, 'control_plane', 'forged-control'),
    forge(OPERATOR, 'cli', 'operator-cli'),
  ];
  return { own: own.rows, foreign: foreign.flatMap(({ rows }) => rows) };
}

const everyType = () =>
  oneOfEachType().map(({ envelope, record }) => ({
    ...ledgerRows(parseEnvelope(envelope), record.occurred_at).ledger,
    CommitTimestamp: record.occurred_at,
  }));

/** Writes the sample and returns what each id and hash in it stands for. */
export async function insertSample({ insert }: Database): Promise<ReadonlyMap<string, string>> {
  const tellings = [{}, BEFORE, AFTER];
  const forged = forgedRows();
  const shown = [
    ...tellings.flatMap((telling) => tenantRows({ tenant: TENANT, ...telling })),
    ...operatorRows(),
    ...forged.own,
  ];
  const hidden = [
    ...tellings.flatMap((telling) => tenantRows({ tenant: RIVAL, complete: true, ...telling })),
    ...forged.foreign,
  ].filter(({ label }) => !LOST_BY_RIVAL.includes(label));
  const rows = [...shown.map(({ row }) => row), ...hidden.map(({ row }) => row), ...everyType()];
  // The forked sessions of a complete telling have the same start, byte for byte.
  const unique = new Map(rows.map((row) => [row.RecordHash, row]));
  await insert('TrueTimeLedger', [...unique.values()]);
  for (const tenant of [TENANT, RIVAL]) {
    await insert('Policies', policies(tenant));
    await insert('Members', members(tenant, tenant === RIVAL));
    await insert('Checkpoints', checkpoints(tenant, tenant === RIVAL));
    const own = [...unique.values()].filter(({ TenantId }) => TenantId === tenant);
    await insert('Leaves', leaves(own, tenant === RIVAL));
  }
  return nameRows(shown, subjectOf(TENANT));
}
