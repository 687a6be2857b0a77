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
export type EmitterOptions = {
  readonly tenant: string;
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

const SIGNED = new Set(['session_start', 'session_head', 'session_end']);

export const fixedKeyId = (tenant: string, apiKeyLabel: string): string =>
  readApiKey(fixedApiKey(tenant, apiKeyLabel)).keyId;

/** A session of the schema package with a fixed key, each record at a stated time. */
export function createEmitter({
  tenant,
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
    sessionKey: fixedKey(`${tenant} ${keyLabel}`),
  });
  const rows: SampleRow[] = [];

  const seal = (instant: string, said: Said) => {
    const draft: RecordDraft = {
      action_taken: SIGNED.has(said.event_type) ? 'RECORDED' : 'OBSERVED',
      evidence: said.action_taken?.startsWith('BLOCKED_') ? 'denied_before_effect' : 'observed',
      trace_origin: said.trace_id === undefined ? 'none' : 'exact',
      ...said,
    };
    return session.seal(draft, microsFromInstant(instant));
  };

  /** @param instant RFC 3339 with six fraction digits, as in a record. */
  const say = (instant: string, said: Said, { received = 1, committed = 2 }: Delays = {}) => {
    const sealed = seal(instant, said);
    const at = microsFromInstant(instant);
    // Through the door that ingest uses: a record that would be refused has no place in the sample.
    const { ledger } = ledgerRows(
      parseEnvelope(sealed.envelope),
      instantFromMicros(at + received * 1e6),
    );
    const row = { ...ledger, CommitTimestamp: instantFromMicros(at + committed * 1e6) };
    rows.push({ label: `${label}/${sealed.record.seq}`, row });
    return sealed;
  };

  const opening: Said = {
    event_type: 'session_start',
    session_public_key: session.publicKey,
    emitter: 'sample',
    emitter_version: '1',
  };

  return {
    label,
    keyId,
    sessionId: session.sessionId,
    rows,
    opening,
    say,
    /** Sealed, so that it has its place in the chain, and never written. */
    lose: (instant: string, said: Said): void => void seal(instant, said),
  };
}

export type Emitter = ReturnType<typeof createEmitter>;
