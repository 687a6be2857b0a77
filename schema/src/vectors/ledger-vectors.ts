import { type CanonicalValue, canonicalize } from '../canonical.ts';
import { formatLedgerLine } from '../format-ledger-line.ts';
import { receivedKey, recordHash, recordKey, recordMac } from '../hash.ts';
import { parseLedgerLine } from '../ledger-line.ts';
import type { AuditRecord } from '../record.ts';
import type { SealedRecord } from '../session.ts';
import { signSession } from '../session-signature.ts';
import { ZERO_HASH } from '../zero-hash.ts';
import { END_LEDGERS } from './end-vectors.ts';
import { fixedKey } from './fixed-keys.ts';
import { API_KEY, ledgerLines, OTHER_KEY, ROOT_KEY, sampleSession } from './sample-session.ts';

export type LedgerVector = {
  readonly name: string;
  /** The ledger file, without the newline that ends each line. */
  readonly lines: readonly string[];
  readonly api_keys: readonly string[];
  readonly session_roots: readonly string[];
  readonly expect_heads: readonly {
    readonly session_id: string;
    readonly seq: number;
    readonly hash: string;
  }[];
  readonly verdict: 'verified' | 'verified with notes' | 'rejected';
  /** Every finding: check, severity, and the 1-based line, where there is one. */
  readonly findings: readonly (readonly [check: string, severity: string, line: number | null])[];
};

type Judge = (
  vector: Omit<LedgerVector, 'verdict' | 'findings'>,
) => Pick<LedgerVector, 'verdict' | 'findings'>;
type Options = Partial<Pick<LedgerVector, 'api_keys' | 'session_roots' | 'expect_heads'>>;

const own = (sealed: readonly SealedRecord[], apiKey = API_KEY) =>
  sealed.map((one) => ({ sealed: one, apiKey }));
const session = sampleSession();
const rooted = sampleSession({ root: true });
const open = sampleSession({ ended: false });
const second = sampleSession({ label: 'second session' });
const foreign = sampleSession({ apiKey: OTHER_KEY, label: 'foreign session' });
const lines = ledgerLines(own(session));

const last = <T>(list: readonly T[]): T => list[list.length - 1] as T;
const headOf = (sealed: SealedRecord): LedgerVector['expect_heads'][number] => ({
  session_id: sealed.record.session_id,
  seq: sealed.record.seq,
  hash: sealed.hash,
});

/** The same records again, each changed, with MACs and ledger chain made anew by one who holds the API key. */
function forge(records: readonly AuditRecord[], apiKey = API_KEY): string[] {
  let previous = ZERO_HASH;
  return records.map((record, at) => {
    const canonical = canonicalize(record as unknown as CanonicalValue);
    const { text, receivedMac } = formatLedgerLine({
      canonical,
      recordMac: recordMac(recordKey(apiKey), canonical),
      receivedAt: parseLedgerLine(lines[Math.min(at, lines.length - 1)] as string).receivedAt,
      key: receivedKey(apiKey),
      previous,
    });
    previous = receivedMac;
    return text;
  });
}

/** Chains records again after a change, as a forger would who holds the API key but not the session key. */
function rechain(records: readonly AuditRecord[]): AuditRecord[] {
  let prev = ZERO_HASH;
  return records.map((record, seq) => {
    const next = { ...record, seq, prev };
    prev = recordHash(canonicalize(next as unknown as CanonicalValue));
    return next;
  });
}

const records = session.map(({ record }) => record);
const swap = <T>(list: readonly T[], a: number, b: number): T[] =>
  list.map((item, at) => (at === a ? list[b] : at === b ? list[a] : item) as T);
const edit = (at: number, from: string | RegExp, to: string): string[] =>
  lines.map((line, index) => (index === at ? line.replace(from, to) : line));
const otherDigit = (at: number, member: string): string[] =>
  lines.map((line, index) =>
    index === at
      ? line.replace(
          new RegExp(`("${member}":")(.)`),
          (_, open: string, digit: string) => open + (digit === '0' ? '1' : '0'),
        )
      : line,
  );

/** Ledgers that hold, alone or with notes, and ledgers that must be rejected. @param judge the verifier under test. */
export function ledgerVectors(judge: Judge): { accept: LedgerVector[]; reject: LedgerVector[] } {
  const make = (name: string, ledger: readonly string[], options: Options = {}): LedgerVector => {
    const vector = {
      name,
      lines: ledger,
      api_keys: [API_KEY],
      session_roots: [],
      expect_heads: [],
      ...options,
    };
    return { ...vector, ...judge(vector) };
  };
  const accept = [
    make('one session, its origin attested', ledgerLines(own(rooted)), {
      session_roots: [ROOT_KEY],
    }),
    make('one session, no root pinned', ledgerLines(own(rooted))),
    make('one session without a root', lines),
    make('a session that never ended', ledgerLines(own(open))),
    make('a session that never ended, its last record pinned', ledgerLines(own(open)), {
      expect_heads: [headOf(last(open))],
    }),
    make('an ended session cut after its head reads tail unmeasured', lines.slice(0, 5)),
    make(
      'two sessions, interleaved',
      ledgerLines(own(session.flatMap((one, at) => [one, second[at] as SealedRecord]))),
    ),
    make('two tenants, one key named', ledgerLines([...own(session), ...own(foreign, OTHER_KEY)])),
    make(
      'two tenants, both keys named',
      ledgerLines([...own(session), ...own(foreign, OTHER_KEY)]),
      { api_keys: [API_KEY, OTHER_KEY] },
    ),
    make('a record that came late', ledgerLines(own(swap(session, 2, 3)))),
    make('nothing', []),
    make('two keys of one id, of which the second holds', lines, {
      api_keys: [wrongSecret(API_KEY), API_KEY],
    }),
    make('two keys of one id, of which the first holds', lines, {
      api_keys: [API_KEY, wrongSecret(API_KEY)],
    }),
    make('two records of one session pinned', lines, {
      expect_heads: [headOf(session[2] as SealedRecord), headOf(last(session))],
    }),
  ];
  const reject = [
    make('another host', edit(1, 'api.openai.com', 'api.openai.org')),
    make('another record_mac', edit(1, /"record_mac":"./, '"record_mac":"x')),
    make('a digit of record_mac', otherDigit(1, 'record_mac')),
    make('another received_at', edit(2, '"received_at":"2026', '"received_at":"2025')),
    make('a digit of received_mac', otherDigit(2, 'received_mac')),
    make('the wrong key, under the right id', lines, { api_keys: [wrongSecret(API_KEY)] }),
    make('a line dropped', lines.toSpliced(3, 1)),
    make('the first line dropped', lines.slice(1)),
    make('a whole session dropped', ledgerLines(own([...second, ...session])).slice(second.length)),
    make('a line twice', lines.toSpliced(3, 0, lines[2] as string)),
    make('two lines swapped', swap(lines, 2, 3)),
    make(
      'a line of another session put in',
      lines.toSpliced(3, 0, ledgerLines(own(second))[3] as string),
    ),
    make('two sessions spliced: the tail of one on the head of the other', [
      ...lines.slice(0, 4),
      ...ledgerLines(own(second)).slice(4),
    ]),
    make(
      'a record taken into another session by one who holds the API key',
      forge(
        records.with(3, {
          ...(second[3] as SealedRecord).record,
          session_id: (records[3] as AuditRecord).session_id,
          event_id: (records[3] as AuditRecord).event_id,
        }),
      ),
    ),
    make(
      'sessions swapped: records of one under the id of the other',
      forge(
        rechain(
          records.map((record) => ({
            ...record,
            session_id: (second[0] as SealedRecord).record.session_id,
            event_id: `${record.event_id.slice(0, 24)}${(second[0] as SealedRecord).record.session_id.slice(0, 12)}`,
          })),
        ),
      ),
    ),
    make(
      'a record rewritten and re-chained by one who holds the API key',
      forge(
        rechain(
          records.with(1, { ...(records[1] as AuditRecord), target_host: 'api.example.org' }),
        ),
      ),
    ),
    make(
      'a record left out and the rest re-chained by one who holds the API key',
      forge(rechain(records.toSpliced(2, 1))),
    ),
    make('a head forged with another key', forge(forgedHead())),
    make(
      'a head passed off as an end',
      forge([
        ...records.slice(0, 4),
        { ...(records[4] as AuditRecord), event_type: 'session_end', end_reason: 'exit' },
      ]),
    ),
    make(
      'an end taken from another session',
      forge([
        ...records.slice(0, 6),
        { ...(records[6] as AuditRecord), session_sig: last(second).record.session_sig ?? '' },
      ]),
    ),
    make('a record after the end', ledgerLines(own(session)).concat(afterEnd())),
    make(
      'replay under another tenant',
      forge(records.map((record) => ({ ...record, tenant_id: 'globex' }))),
    ),
    make(
      'replay under another tenant and key',
      forge(
        records.map((record) => ({
          ...record,
          tenant_id: 'globex',
          key_id: (foreign[0] as SealedRecord).record.key_id,
        })),
        OTHER_KEY,
      ),
      { api_keys: [OTHER_KEY] },
    ),
    make(
      'a tenant that changes within a session',
      forge(rechain(records.with(2, { ...(records[2] as AuditRecord), tenant_id: 'globex' }))),
    ),
    make(
      'an emitter that changes within a session',
      forge(rechain(records.with(2, { ...(records[2] as AuditRecord), source: 'kernel_agent' }))),
    ),
    make(
      'an event id that falls back',
      forge(
        rechain(
          records.with(3, {
            ...(records[3] as AuditRecord),
            event_id: (records[1] as AuditRecord).event_id,
          }),
        ),
      ),
    ),
    make(
      'a forged certificate',
      forge(
        rechain(
          rooted
            .map(({ record }) => record)
            .with(0, { ...(rooted[0] as SealedRecord).record, session_root_sig: '0'.repeat(128) }),
        ),
      ),
    ),
    make('a tail that is not the pinned one', lines.slice(0, 5), {
      expect_heads: [headOf(last(session))],
    }),
    make('a head that is not the pinned one', lines, {
      expect_heads: [{ ...headOf(last(session)), hash: '1'.repeat(64) }],
    }),
    make('a pinned session that is not there', lines, { expect_heads: [headOf(last(second))] }),
    make(
      'a tenant that changes within a session, no key named',
      forge(rechain(records.with(2, { ...(records[2] as AuditRecord), tenant_id: 'globex' }))),
      { api_keys: [] },
    ),
    make(
      "an SDK's session that calls itself the control plane",
      forge(rechain(records.map((record) => ({ ...record, source: 'control_plane' })))),
    ),
    make('a month 13', edit(2, '"received_at":"2026-01', '"received_at":"2026-13')),
    make(
      'a place taken twice, by one who holds the API key',
      forge([
        ...records.slice(0, 3),
        { ...(records[2] as AuditRecord), bytes_sent: undefined, duration_us: 1 } as AuditRecord,
        ...records.slice(3),
      ]),
    ),
    make(
      'the same record twice, by one who holds the API key',
      forge([...records.slice(0, 3), ...records.slice(2)]),
    ),
    make(
      'two ends',
      forge([
        ...records,
        {
          ...last(records),
          seq: last(records).seq + 1,
          prev: last(session).hash,
          event_id: nextId(last(records)),
        },
      ]),
    ),
    make('two gaps', forge([0, 2, 3, 5, 6].map((at) => records[at] as AuditRecord))),
    make(
      'a late record whose follower does not link to it',
      forge(
        [0, 2, 1, 3]
          .map((at) => records[at] as AuditRecord)
          .with(2, { ...(records[1] as AuditRecord), duration_us: 1 }),
      ),
    ),
    make('a last record pinned with another hash', ledgerLines(own(open)), {
      expect_heads: [{ ...headOf(last(open)), hash: '2'.repeat(64) }],
    }),
    make(
      'a forged certificate of a root that is pinned',
      forge(
        rechain(
          rooted
            .map(({ record }) => record)
            .with(0, { ...(rooted[0] as SealedRecord).record, session_root_sig: '1'.repeat(128) }),
        ),
      ),
      { session_roots: [ROOT_KEY] },
    ),
    make(
      '30 February in received_at',
      edit(2, '"received_at":"2026-01-02', '"received_at":"2026-02-30'),
    ),
    make('two lines in turn that are none', lines.with(2, '{}').with(3, '[]')),
    make('an empty line', lines.toSpliced(2, 0, '')),
    make('a carriage return', edit(2, /$/, '\r')),
    make('a byte order mark', edit(0, /^/, '\ufeff')),
    make('a space', edit(2, '","received_mac"', '", "received_mac"')),
    make('a member more', edit(2, '{"received_at"', '{"note":"x","received_at"')),
    ...END_LEDGERS.map(([name, ledger]) => make(name, forge(ledger))),
    make('no line that is a record', ['{}', '[]']),
    make('two records of one session pinned, the first with another hash', lines, {
      expect_heads: [
        { ...headOf(session[2] as SealedRecord), hash: '3'.repeat(64) },
        headOf(last(session)),
      ],
    }),
    make('two pinned records of a session that is not there', lines, {
      expect_heads: [headOf(last(second)), headOf(second[2] as SealedRecord)],
    }),
    make('an envelope instead of a line', lines.with(2, (session[2] as SealedRecord).envelope)),
  ];
  return { accept, reject };
}

/** An event id of the same session that rises above the record's. */
const nextId = ({ event_id }: AuditRecord): string => event_id.replace('-7000-', '-7001-');

/** The same key id with another secret: what a user holds who named the wrong file. */
function wrongSecret(apiKey: string): string {
  const parts = apiKey.split('.');
  const secret = parts[6] as string;
  return parts.with(6, `${secret.startsWith('A') ? 'B' : 'A'}${secret.slice(1)}`).join('.');
}

function forgedHead(): AuditRecord[] {
  const changed = rechain(
    records.slice(0, 5).with(1, { ...(records[1] as AuditRecord), bytes_sent: 1 }),
  );
  const { session_sig: _, ...unsigned } = last(changed);
  return changed.with(4, { ...unsigned, session_sig: signSession(fixedKey('forger'), unsigned) });
}

function afterEnd(): string {
  const end = last(session);
  const loss = session[5] as SealedRecord;
  const record = {
    ...loss.record,
    seq: end.record.seq + 1,
    prev: end.hash,
    event_id: nextId(end.record),
  };
  const canonical = canonicalize(record as unknown as CanonicalValue);
  return formatLedgerLine({
    canonical,
    recordMac: recordMac(recordKey(API_KEY), canonical),
    receivedAt: parseLedgerLine(last(lines)).receivedAt,
    key: receivedKey(API_KEY),
    previous: parseLedgerLine(last(lines)).receivedMac,
  }).text;
}
