import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import type { Finding, ProbeName, Verdict } from './finding.ts';
import { runProbes } from './run-probes.ts';
import { ACCOUNTS } from './subject.ts';
import { skip, startMirrorSubject } from './testing/mirror-subject.ts';
import type { Fault } from './testing/spanner-stand-in.ts';
import { TABLES, type Touch } from './testing/touches.ts';

const RIGHTS: readonly ProbeName[] = ['insert-only', 'roles', 'accounts'];
const cloud = skip ? undefined : await startMirrorSubject();
after(() => cloud?.close());

async function look(asked: readonly ProbeName[] = RIGHTS): Promise<readonly Finding[]> {
  assert.ok(cloud);
  return (await runProbes(cloud.subject, asked)).findings;
}

const claims = (findings: readonly Finding[], verdict: Verdict): readonly string[] =>
  findings.filter((finding) => finding.verdict === verdict).map(({ claim }) => claim);

/** The writer may do one thing more than the grants give. */
const writerMay = (also: (touch: Touch) => boolean): Fault => ({
  mayTouch: ({ role }, touch, granted) => granted || (role === 'ledger_writer' && also(touch)),
});
const on = (table: string, via: Touch['via'], kind: string) => (touch: Touch) =>
  touch.table === table && touch.via === via && touch.kind === kind;

const WRITER = 'vantio-writer as ledger_writer is refused: ';
const LEDGER = 'TrueTimeLedger';
const OTHER_PERMISSIONS = ['spanner.databases.drop', 'spanner.databases.updateDdl'];

describe('rights', { skip }, () => {
  afterEach(() => {
    cloud?.misbehave({});
    cloud?.withhold();
  });

  test('a Spanner that obeys the grants proves every claim', async () => {
    const findings = await look();
    assert.deepEqual(
      findings.filter(({ verdict }) => verdict !== 'proved'),
      [],
    );
    const told = claims(findings, 'proved');
    for (const operation of ['SELECT', 'UPDATE', 'DELETE', 'insert-or-update', 'replace'])
      assert.ok(told.includes(`${WRITER}${operation} on every table`), operation);
    assert.ok(told.includes('vantio-writer is refused: DDL'));
    assert.ok(
      told.includes('vantio-writer as ledger_writer may: INSERT on TrueTimeLedger, Disclosures'),
    );
    assert.ok(told.includes('the owner as eraser is refused: SELECT of a value on every table'));
    assert.ok(
      told.includes(
        'vantio-sealer as ledger_sealer is refused: INSERT on TrueTimeLedger, Disclosures, Policies, Members, Migrations, ImportedLines, Imports, Cosignatures, SpendBuckets, LeaseRecords, SignerRecords',
      ),
    );
  });

  // Each allows the writer exactly one thing, and must be named exactly so.
  const ONE_THING_TOO_MUCH: readonly (readonly [string, Fault, string])[] = [
    ['SELECT', writerMay(on(LEDGER, 'query', 'SELECT')), 'SELECT'],
    ['reading by key', writerMay(on('Disclosures', 'read', 'read')), 'reading by key'],
    ['UPDATE', writerMay(on(LEDGER, 'mutation', 'update')), 'UPDATE'],
    ['DELETE', writerMay(on('Disclosures', 'mutation', 'delete')), 'DELETE'],
    ['insert-or-update', writerMay(on(LEDGER, 'mutation', 'insertOrUpdate')), 'insert-or-update'],
    ['replace', writerMay(on(LEDGER, 'mutation', 'replace')), 'replace'],
    ['DML UPDATE', writerMay(on(LEDGER, 'dml', 'UPDATE')), 'DML UPDATE'],
    ['DML DELETE', writerMay(on(LEDGER, 'dml', 'DELETE')), 'DML DELETE'],
    [
      'DML INSERT OR UPDATE',
      writerMay(on(LEDGER, 'dml', 'INSERT OR UPDATE')),
      'DML INSERT OR UPDATE',
    ],
  ];
  for (const [name, fault, operation] of ONE_THING_TOO_MUCH)
    test(`a writer that may ${name} as well is named for that alone`, async () => {
      cloud?.misbehave(fault);
      const findings = await look(['insert-only']);
      const wrong = claims(findings, 'refuted');
      const expected = `${WRITER}${operation} on every table`;
      assert.deepEqual(
        wrong.filter((claim) => !claim.startsWith(`${WRITER}SELECT of`)),
        [expected],
      );
      assert.equal(wrong.length, name === 'SELECT' ? 3 : 1);
      assert.deepEqual(claims(findings, 'not measured'), []);
      const because = findings.find(({ claim }) => claim === expected)?.because ?? '';
      const table = name === 'reading by key' || name === 'DELETE' ? 'Disclosures' : LEDGER;
      assert.match(because, new RegExp(`^${table}: answered \\w+, as one is who may$`));
    });

  test('a writer that may insert where it should not is named with the table', async () => {
    cloud?.misbehave(writerMay(on('Policies', 'mutation', 'insert')));
    const findings = await look(['insert-only']);
    assert.deepEqual(claims(findings, 'refuted'), [
      `${WRITER}INSERT on Policies, Members, Checkpoints, Migrations, ImportedLines, Imports, Leaves, Cosignatures, SpendBuckets, LeaseRecords, SignerRecords, Rotations`,
    ]);
  });

  test('an account that may change the schema is named for it, wherever it is asked', async () => {
    cloud?.misbehave({ mayChangeSchema: (actor) => actor === 'writer' });
    assert.deepEqual(claims(await look(['insert-only', 'accounts']), 'refuted'), [
      'vantio-writer is refused: DDL',
      'vantio-writer is refused: DDL',
    ]);
  });

  test('an account that may give itself rights is named for it; a permission that nobody holds shows nothing', async () => {
    const one = 'spanner.databases.setIamPolicy';
    cloud?.misbehave({
      holds: (actor) =>
        actor === 'owner' ? [one, ...OTHER_PERMISSIONS] : actor === 'keymaker' ? [one] : [],
    });
    assert.deepEqual(claims(await look(['accounts']), 'refuted'), [
      'vantio-keymaker may not drop the database, change its schema, or who may use it',
    ]);
    cloud?.misbehave({ holds: (actor) => (actor === 'owner' ? OTHER_PERMISSIONS : []) });
    const findings = await look(['accounts']);
    assert.deepEqual(claims(findings, 'refuted'), []);
    assert.equal(claims(findings, 'not measured').length, ACCOUNTS.length);
  });

  test('an account that may be another role, or act without one, is named for it', async () => {
    cloud?.misbehave({
      mayBe: ({ actor, role }, granted) =>
        granted || (actor === 'writer' && role === 'ledger_sealer'),
    });
    let findings = await look(['accounts']);
    assert.equal(claims(findings, 'refuted').length, 1);
    assert.match(
      claims(findings, 'refuted')[0] ?? '',
      /^vantio-writer may not be: .*ledger_sealer/,
    );
    cloud?.misbehave({
      mayTouch: ({ actor, role }, { kind }, granted) =>
        granted || (actor === 'ingest' && role === undefined && kind === 'delete'),
    });
    findings = await look(['accounts']);
    assert.deepEqual(claims(findings, 'refuted'), [
      'vantio-ingest under no role is refused: SELECT, INSERT, UPDATE, DELETE',
    ]);
  });

  test('an eraser that may read the value, or a sealer that may insert records, is named for it', async () => {
    cloud?.misbehave({
      mayTouch: ({ role }, { kind, table, needs }, granted) =>
        granted ||
        (role === 'eraser' &&
          table === 'Disclosures' &&
          kind === 'SELECT' &&
          needs.some(({ columns }) => columns?.includes('Value'))) ||
        (role === 'ledger_sealer' && table === LEDGER && kind === 'insert'),
    });
    assert.deepEqual(claims(await look(['roles']), 'refuted'), [
      'the owner as eraser is refused: SELECT of a value on every table',
      'vantio-sealer as ledger_sealer is refused: INSERT on TrueTimeLedger, Disclosures, Policies, Members, Migrations, ImportedLines, Imports, Cosignatures, SpendBuckets, LeaseRecords, SignerRecords',
    ]);
  });

  test('a writer that is refused everything is not called INSERT-only', async () => {
    cloud?.misbehave({ mayTouch: ({ role }, _, granted) => granted && role === undefined });
    const findings = await look(['insert-only']);
    assert.deepEqual(claims(findings, 'refuted'), [
      'vantio-writer as ledger_writer inserts records and their disclosures',
      'vantio-writer as ledger_writer may: INSERT on TrueTimeLedger, Disclosures',
    ]);
    assert.deepEqual(claims(findings, 'proved'), ['vantio-writer is refused: DDL']);
  });

  test('a writer whose real INSERT fails has proved nothing by its refusals, whatever else it may', async () => {
    cloud?.misbehave({
      mayTouch: ({ role }, { table }, granted) =>
        granted && !(role === 'ledger_writer' && table === 'Disclosures'),
    });
    const findings = await look(['insert-only']);
    assert.deepEqual(claims(findings, 'proved'), ['vantio-writer is refused: DDL']);
  });

  test('a role that is refused everything has proved nothing by its refusals', async () => {
    cloud?.misbehave({ mayTouch: ({ role }, _, granted) => granted && role !== 'spend_leaser' });
    const config = (await look(['roles'])).filter(({ claim }) => claim.startsWith('vantio-config'));
    assert.deepEqual(
      claims(config, 'refuted'),
      [
        'SELECT on Policies, SpendBuckets, LeaseRecords',
        'SELECT of the first key column on Policies, SpendBuckets, LeaseRecords',
        'SELECT of a value on Policies, SpendBuckets, LeaseRecords',
        'reading by key on Policies, SpendBuckets, LeaseRecords',
        'INSERT on SpendBuckets, LeaseRecords',
        'UPDATE on SpendBuckets',
        'insert-or-update on SpendBuckets',
        'replace on SpendBuckets',
        'DELETE on SpendBuckets, LeaseRecords',
        'DML INSERT OR UPDATE on SpendBuckets',
        'DML UPDATE on SpendBuckets',
        'DML DELETE on SpendBuckets, LeaseRecords',
      ].map((may) => `vantio-config as spend_leaser may: ${may}`),
    );
    assert.deepEqual(claims(config, 'proved'), []);
    assert.ok(claims(config, 'not measured').length >= 10);
  });

  test('a role that nobody may be, or that does not exist, is refuted and proves nothing', async () => {
    cloud?.misbehave({ mayBe: ({ role }, granted) => granted && role !== 'ledger_writer' });
    const findings = await look();
    assert.ok(
      claims(findings, 'refuted').includes('vantio-writer as ledger_writer may open a session'),
    );
    const open = claims(findings, 'not measured');
    assert.ok(open.some((claim) => /^vantio-config may not be: .*ledger_writer/.test(claim)));
  });

  for (const code of [
    'UNAVAILABLE',
    'UNAUTHENTICATED',
    'NOT_FOUND',
    'INVALID_ARGUMENT',
    'FAILED_PRECONDITION',
    'OUT_OF_RANGE',
  ] as const) {
    test(`a Spanner that answers everybody ${code} has proved and refuted nothing`, async () => {
      cloud?.misbehave({ always: () => code });
      const findings = await look();
      assert.ok(findings.length > 0);
      assert.deepEqual(
        findings.filter(({ verdict }) => verdict !== 'not measured'),
        [],
      );
    });

    test(`accounts that are refused with ${code} are not called refused for want of a right`, async () => {
      cloud?.misbehave({ always: (actor) => (actor === 'owner' ? undefined : code) });
      const findings = await look(['insert-only', 'accounts']);
      assert.deepEqual(
        findings.filter(({ verdict }) => verdict !== 'not measured'),
        [],
      );
    });
  }

  test('a refusal that the owner meets as well shows nothing', async () => {
    cloud?.misbehave({ always: () => 'PERMISSION_DENIED' });
    assert.deepEqual(claims(await look(['accounts']), 'proved'), []);
  });

  test('without a token of an account nothing is claimed of it', async () => {
    cloud?.withhold('writer');
    const findings = await look(['insert-only', 'accounts']);
    assert.deepEqual(claims(findings, 'not measured'), [
      'vantio-writer as ledger_writer may insert and do nothing else',
      'vantio-writer has no right but that of its role',
    ]);
    assert.deepEqual(claims(findings, 'refuted'), []);
  });

  test('no request changes a row that was there, even where everything is allowed', async () => {
    assert.ok(cloud);
    const session = await (await cloud.subject.spannerAs('owner')).openSession();
    const digest = () =>
      Promise.all(
        TABLES.map((table) =>
          session.query(
            `SELECT COUNT(*), BIT_XOR(FARM_FINGERPRINT(FORMAT('%T', row))) FROM ${table} AS row`,
          ),
        ),
      );
    cloud.misbehave({ mayTouch: () => true, mayBe: () => true, mayChangeSchema: () => true });
    const before = await digest();
    const findings = await look(['roles', 'accounts']);
    assert.ok(claims(findings, 'refuted').length > 20);
    assert.deepEqual(await digest(), before);
  });
});
