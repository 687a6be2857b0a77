import {
  createSession,
  instantFromMicros,
  microsFromInstant,
  type Plan,
  parseEnvelope,
  type RecordDraft,
  readApiKey,
  recordKey,
} from '@vantio/schema';
import { type LedgerRow, ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { fixedApiKey, fixedKey } from '@vantio/schema/vectors/fixed-keys';

/** Where a row stands, for people: `agent/6` is the record with seq 6 of the session labelled `agent`. */
export type SampleRow = {
  readonly label: string;
  readonly row: LedgerRow & { CommitTimestamp: string };
};

type Source = Parameters<typeof createSession>[0]['source'];
/** One of several tellings of the same story. */
export type Telling = {
  readonly tenant: string;
  /** Before the labels of its sessions, which give them their keys: of one telling for two tenants they are the same. */
  readonly prefix?: string;
  readonly shiftDays?: number;
  /** What the story loses is there all the same. */
  readonly complete?: boolean;
};
export type EmitterOptions = {
  readonly telling: Telling;
  readonly label: string;
  readonly source: Source;
  /** Of the session whose key this one has, too; by default its own. */
  readonly keyLabel?: string;
  readonly apiKeyLabel?: string;
  readonly plan?: Plan;
};

/** What may be left out of a draft: the commonest values. */
export type Said = Pick<RecordDraft, 'event_type'> & Partial<RecordDraft>;
/** Seconds after the occurrence; a late delivery, or a clock that is ahead. */
export type Delays = { readonly received?: number; readonly committed?: number };

const DAY_MICROS = 86_400_000_000;
const SIGNED = new Set(['session_start', 'session_head', 'session_end']);

export const fixedKeyId = (tenant: string, apiKeyLabel: string): string =>
  readApiKey(fixedApiKey(tenant, apiKeyLabel)).keyId;

/** A session of the schema package with a fixed key, each record at a stated time. */
export function createEmitter({
  telling: { tenant, prefix = '', shiftDays = 0, complete = false },
  label,
  source,
  keyLabel = label,
  apiKeyLabel = `${tenant} key`,
  plan = 'local',
}: EmitterOptions) {
  const apiKey = fixedApiKey(tenant, apiKeyLabel, plan);
  const { keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId: tenant,
    keyId,
    source,
    recordKey: recordKey(apiKey),
    sessionKey: fixedKey(`sample ${prefix}${keyLabel}`),
  });
  const rows: SampleRow[] = [];

  const at = (instant: string): number => microsFromInstant(instant) + shiftDays * DAY_MICROS;

  const seal = (instant: string, said: Said) => {
    const draft: RecordDraft = {
      action_taken: SIGNED.has(said.event_type) ? 'RECORDED' : 'OBSERVED',
      evidence: said.action_taken?.startsWith('BLOCKED_') ? 'denied_before_effect' : 'observed',
      trace_origin: said.trace_id === undefined ? 'none' : 'exact',
      ...said,
    };
    return session.seal(draft, at(instant));
  };

  /** @param instant RFC 3339 with six fraction digits, as in a record. */
  const say = (instant: string, said: Said, { received = 1, committed = 2 }: Delays = {}): void => {
    const { record, envelope } = seal(instant, said);
    const after = (seconds: number): string => instantFromMicros(at(instant) + seconds * 1e6);
    // Through the door that ingest uses: a record that would be refused has no place in the sample.
    const { ledger } = ledgerRows(parseEnvelope(envelope), after(received));
    const row = { ...ledger, CommitTimestamp: after(committed) };
    rows.push({ label: `${prefix}${label}/${record.seq}`, row });
  };

  const opening: Said = {
    event_type: 'session_start',
    session_public_key: session.publicKey,
    emitter: 'sample',
    emitter_version: '1',
  };

  return {
    keyId,
    rows,
    opening,
    say,
    /** Sealed, so that it has its place in the chain, and not written. */
    lose: (instant: string, said: Said): void => void (complete ? say : seal)(instant, said),
  };
}

export type Emitter = ReturnType<typeof createEmitter>;
