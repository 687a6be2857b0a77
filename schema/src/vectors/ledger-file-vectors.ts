import { createHash } from 'node:crypto';
import { readApiKey } from '../api-key.ts';
import { type CanonicalValue, canonicalize } from '../canonical.ts';
import { commitment } from '../commitment.ts';
import { recordKey } from '../hash.ts';
import { createSession, type RecordDraft, type SealedRecord, type Session } from '../session.ts';
import { fixedApiKey, fixedKey } from './fixed-keys.ts';
import { judgeFiles } from './judge-files.ts';
import { API_KEY, agentName, EPOCH, ledgerLines } from './sample-session.ts';

export type LedgerFileVector = {
  readonly name: string;
  /** A ledger named `ledger.ndjson`, as its files stand in a directory. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly api_keys: readonly string[];
  readonly verdict: string;
  /** Every finding: check, severity, and the file and the 1-based line, where there are any. */
  readonly findings: readonly (readonly [
    check: string,
    severity: string,
    file: string | null,
    line: number | null,
  ])[];
};

type Entry = { readonly sealed: SealedRecord; readonly apiKey: string };
type Files = Readonly<Record<string, string>>;

const WRITER_KEY = fixedApiKey('vantio', 'writer key', 'control');
const KEYS = [API_KEY, WRITER_KEY];
const FIRST = 'ledger.000001.ndjson';
const SECOND = 'ledger.000002.ndjson';
const ACTIVE = 'ledger.ndjson';
const RECORDED = { action_taken: 'RECORDED', evidence: 'observed', trace_origin: 'none' } as const;

const besides = (file: string): string => file.replace(/ndjson$/, 'disclosures.ndjson');

/** A session of an agent: its start, a shield whose name is disclosed, its end. */
function own(label: string): Entry[] {
  const session = createSession({
    ...readApiKey(API_KEY),
    source: 'sdk_node',
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey(label),
  });
  const shield = {
    event_type: 'shield_end',
    action_taken: 'OBSERVED',
    evidence: 'observed',
    trace_origin: 'none',
    duration_us: 1,
    outcome: 'ok',
    agent_name_commit: commitment(agentName),
  } as const;
  return [
    session.seal({ ...RECORDED, ...startOf(session) }, EPOCH),
    session.seal(shield, EPOCH, [agentName]),
    session.seal({ ...RECORDED, event_type: 'session_end', end_reason: 'exit' }, EPOCH),
  ].map((sealed) => ({ sealed, apiKey: API_KEY }));
}

const startOf = ({ publicKey }: Session) => ({
  event_type: 'session_start' as const,
  session_public_key: publicKey,
  emitter: 'vectors',
  emitter_version: '1',
});

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const linesOf = (text: string | undefined): string[] => (text ?? '').split('\n').slice(0, -1);

/** The session of the process that writes the files. */
function createWriter() {
  const session = createSession({
    ...readApiKey(WRITER_KEY),
    source: 'control_plane',
    recordKey: recordKey(WRITER_KEY),
    sessionKey: fixedKey('writer session'),
  });
  const seal = (draft: Omit<RecordDraft, keyof typeof RECORDED>, action = RECORDED): Entry => ({
    sealed: session.seal({ ...draft, ...action }, EPOCH),
    apiKey: WRITER_KEY,
  });
  return {
    start: () => seal(startOf(session)),
    rotation: (segment: number, lines: readonly string[]) =>
      seal({
        event_type: 'rotation',
        segment,
        segment_bytes: Buffer.byteLength(textOf(lines)),
        segment_records: lines.length,
        segment_sha256: createHash('sha256').update(textOf(lines)).digest('hex'),
      }),
    recovery: (cut_bytes: number, cut_offset: number) =>
      seal({ event_type: 'recovery', cut_bytes, cut_offset }),
    erasure: (subject_event_id: string) =>
      seal(
        {
          event_type: 'erasure',
          subject_event_id,
          subject_field: 'agent_name',
          subject_tenant_id: readApiKey(API_KEY).tenantId,
        },
        { ...RECORDED, action_taken: 'ERASED' } as never,
      ),
    end: () => seal({ event_type: 'session_end', end_reason: 'shutdown' }),
  };
}

/** Two closed files and the active one. The process that closed the first had begun in the second. */
function rotatedTwice(): Files {
  const writer = createWriter();
  const first = own('session');
  const next = [writer.start(), writer.rotation(1, ledgerLines(first)), ...own('second session')];
  const second = [...first, ...next];
  const closed = ledgerLines(second).slice(first.length);
  const third = [...second, writer.rotation(2, closed), ...own('third session'), writer.end()];
  return {
    [FIRST]: textOf(ledgerLines(first)),
    [SECOND]: textOf(closed),
    [ACTIVE]: textOf(ledgerLines(third).slice(second.length)),
  };
}

/** A file whose last line was cut short by a crash; how the next writer left it. */
function cutBack(): Files {
  const writer = createWriter();
  const before = [...own('session'), writer.start()];
  const offset = Buffer.byteLength(textOf(ledgerLines(before)));
  const after = [...before, writer.recovery(100, offset), ...own('second session'), writer.end()];
  return { [ACTIVE]: textOf(ledgerLines(after)) };
}

/** Two processes that write at once, each a file of its own. */
function twoWriters(): Files {
  const entries = own('second session');
  const further = `ledger.w-${entries[0]?.sealed.record.session_id.slice(0, 16)}.ndjson`;
  return {
    [ACTIVE]: textOf(ledgerLines(own('session'))),
    [further]: textOf(ledgerLines(entries)),
  };
}

/** A first file that was closed before anything was written to it. */
function closedEmpty(): Files {
  const writer = createWriter();
  return {
    [FIRST]: '',
    [ACTIVE]: textOf(
      ledgerLines([writer.start(), writer.rotation(1, []), ...own('session'), writer.end()]),
    ),
  };
}

/** Two records tell of the closed file, and not the same. */
function toldTwice(): Files {
  const writer = createWriter();
  const first = own('session');
  const lines = ledgerLines(first);
  const start = writer.start();
  const told = [writer.rotation(1, lines), writer.rotation(1, lines.slice(1)), writer.end()];
  const all = [...first, start, ...told];
  return { [FIRST]: textOf(lines), [ACTIVE]: textOf(ledgerLines(all).slice(first.length)) };
}

/** Two values are committed; an erasure record names the first. */
function erasedOne(...disclosures: readonly string[]): Files {
  const writer = createWriter();
  const entries = [...own('session'), ...own('second session')];
  const erased = entries[1]?.sealed.record.event_id ?? '';
  const control = [writer.start(), writer.erasure(erased), writer.end()];
  return {
    [ACTIVE]: textOf(ledgerLines([...entries, ...control])),
    [besides(ACTIVE)]: textOf(disclosures),
  };
}

const disclosing = (label: string, change: object = {}): string => {
  const { record } = (own(label)[1] as Entry).sealed;
  const { event_id, tenant_id } = record;
  return canonicalize({ event_id, tenant_id, ...agentName, ...change } as CanonicalValue);
};

const rotated = rotatedTwice();
const writers = twoWriters();
const [, further = ''] = Object.keys(writers);
const disclosed: Files = {
  ...rotated,
  [besides(FIRST)]: textOf([disclosing('session')]),
  [besides(ACTIVE)]: textOf([disclosing('third session')]),
};
const without = (files: Files, ...names: readonly string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));
const edited = (file: string, edit: (lines: string[]) => readonly string[], files = rotated) => ({
  ...files,
  [file]: textOf(edit(linesOf(files[file]))),
});
const alone: Files = { [ACTIVE]: textOf(ledgerLines(own('session'))) };
const beside = (...lines: readonly string[]): Files => ({
  ...alone,
  [besides(ACTIVE)]: textOf(lines),
});

const ACCEPT: readonly (readonly [string, Files])[] = [
  ['two closed files and the active one', rotated],
  ['disclosures, one of them erased', disclosed],
  ['a torn line that was cut back', cutBack()],
  ['two writers', writers],
  ['files that are none of the ledger', { ...writers, 'other.ndjson': 'x', 'ledger.lock': '' }],
  ['the first closed file is not there', without(rotated, FIRST)],
  ['the file that tells of the closed one is not there', without(rotated, ACTIVE)],
  ['an active file that is empty', { ...rotated, [ACTIVE]: '' }],
  ["a further writer's file alone", without(writers, ACTIVE)],
  ['a first closed file that is empty', closedEmpty()],
  ['an empty second file alone', { [SECOND]: '' }],
  [
    'a file of the number 0, which is none of the ledger',
    { ...alone, 'ledger.000000.ndjson': 'x' },
  ],
  ['a number of seven digits that begins with 0', { ...alone, 'ledger.0000001.ndjson': 'x' }],
  [
    'disclosures in another order than their records',
    erasedOne(disclosing('second session'), disclosing('session')),
  ],
  ['a value that was erased', erasedOne(disclosing('second session'))],
  ['a value that was erased, and one that nobody knows of', erasedOne()],
  ['a value twice', beside(disclosing('session'), disclosing('session'))],
];

const REJECT: readonly (readonly [string, Files])[] = [
  ['a closed file changed', edited(FIRST, ([line = '', ...rest]) => [`${line} `, ...rest])],
  ['the last line of a closed file cut off', edited(FIRST, (lines) => lines.slice(0, -1))],
  ['an empty line at the end of a closed file', edited(SECOND, (lines) => [...lines, ''])],
  [
    'two closed files under the names of each other',
    { ...rotated, [FIRST]: rotated[SECOND] ?? '', [SECOND]: rotated[FIRST] ?? '' },
  ],
  ['the middle one of three files is not there', without(rotated, SECOND)],
  [
    'the active file alone, from which nobody can tell that there were others',
    without(rotated, FIRST, SECOND),
  ],
  [
    'a last line without its newline',
    { ...rotated, [ACTIVE]: (rotated[ACTIVE] ?? '').slice(0, -1) },
  ],
  ['a last line cut short', { ...rotated, [ACTIVE]: (rotated[ACTIVE] ?? '').slice(0, -9) }],
  [
    'a last line of a closed file cut short',
    { ...rotated, [FIRST]: (rotated[FIRST] ?? '').slice(0, -9) },
  ],
  [
    'a line moved to the file of another writer',
    edited(further, (lines) => [...lines, linesOf(writers[ACTIVE])[0] ?? ''], writers),
  ],
  ['a disclosure of another value', beside(disclosing('session', { value: 'x' }))],
  ['a disclosure of another tenant', beside(disclosing('session', { tenant_id: 'globex' }))],
  ['a disclosure of another field', beside(disclosing('session', { field: 'file_path' }))],
  ['a disclosure of a record that is not there', beside(disclosing('second session'))],
  [
    'a disclosure beside another file than its record',
    { ...rotated, [besides(ACTIVE)]: textOf([disclosing('session')]) },
  ],
  ['a disclosure that is not canonical', beside(disclosing('session').replace(',', ', '))],
  ['a disclosure with a member more', beside(disclosing('session', { zone: 'x' }))],
  [
    'a second disclosure that does not match',
    beside(disclosing('session'), disclosing('session', { value: 'x' })),
  ],
  ['a first file that is there and is empty', { ...without(rotated, FIRST), [SECOND]: '' }],
  ['two rotation records that do not tell the same', toldTwice()],
  ['a last disclosure without its newline', { ...alone, [besides(ACTIVE)]: disclosing('session') }],
];

/** What a verifier finds in the files. */
export function findingsOf({ files, api_keys }: Pick<LedgerFileVector, 'files' | 'api_keys'>) {
  const named = new Map(files.map(({ name, text }) => [name, text]));
  const { verdict, findings } = judgeFiles(named, { apiKeys: api_keys });
  const rows = findings.map(
    ({ check, severity, file, line }) => [check, severity, file ?? null, line ?? null] as const,
  );
  return { verdict, findings: rows };
}

export const ledgerFileVectors = () => {
  const make = ([name, content]: readonly [string, Files]): LedgerFileVector => {
    const files = Object.entries(content).map(([file, text]) => ({ name: file, text }));
    return { name, files, api_keys: KEYS, ...findingsOf({ files, api_keys: KEYS }) };
  };
  return { accept: ACCEPT.map(make), reject: REJECT.map(make) };
};
