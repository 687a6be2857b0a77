import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Finding } from '@vantio/schema';
import { createSession, readApiKey, recordKey } from '@vantio/schema';
import { commitment } from '@vantio/schema/commitment';
import { formatDisclosureLine } from '@vantio/schema/disclosure-line';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { receipt, receiptLine } from '@vantio/schema/vectors/sample-log';
import { agentName, EPOCH, ledgerLines } from '@vantio/schema/vectors/sample-session';
import { LONG_EPOCH, longLedger } from '../../testing/long-ledger.ts';
import { API_KEY } from '../../testing/sample-ledger.ts';
import { LOG_KEY, sealLedger, WITNESS_VKEY } from '../../testing/seal-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { verify } from '../../testing/verify-in-process.ts';
import type { VerifyOptions } from '../run-verify.ts';

/** A kind of byte of a file: where it is found, and the checks that may name a flip there, of which the first always does. */
type Class = readonly [
  what: string,
  path: string,
  find: RegExp | ((bytes: Buffer) => readonly number[]),
  by: readonly string[],
];

const BITS = [0x01, 0x20, 0x80];
const AFTER = LONG_EPOCH + 10;

/** Checks that a flip of this bit is named by, wrong or unmeasured, beyond those of the sound log. */
async function named(file: string, options: Partial<VerifyOptions>): Promise<ReadonlySet<string>> {
  const { findings, logs } = await verify(file, options);
  const isOfLog = ({ check }: Finding): boolean =>
    /^log_|^receipt$|^clock$|^disclosure$/.test(check);
  // Of findings the first thousand are kept; of a log's checks all that failed are told.
  return new Set([
    ...logs.flatMap(({ failed }) => failed),
    ...findings
      .filter((finding) => isOfLog(finding))
      .map(({ check, severity }) => (severity === 'wrong' ? check : `${check} unmeasured`)),
  ]);
}

/** The offsets that the first group of a pattern covers: of the first, a middle and the last match's byte. */
function offsets(bytes: Buffer, find: Class[2]): readonly number[] {
  if (typeof find !== 'function') {
    const text = bytes.toString('latin1');
    const match = new RegExp(find.source, `${find.flags}d`).exec(text);
    const [from, to] = match?.indices?.[1] ?? assert.fail(`${find} is not there`);
    return [...new Set([from, (from + to) >> 1, to - 1])];
  }
  return find(bytes);
}

async function flipAll(
  t: TestContext,
  classes: readonly Class[],
  { file, root, options }: { file: string; root: string; options: Partial<VerifyOptions> },
): Promise<void> {
  const sound = await named(file, options);
  for (const [what, path, find, by] of classes) {
    const bytes = readFileSync(join(root, path));
    const seen = new Set<string>();
    for (const at of offsets(bytes, find))
      for (const bit of BITS) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ bit;
        writeFileSync(join(root, path), changed);
        const found = [...(await named(file, options))].filter((check) => !sound.has(check));
        const where = `${path}, ${what} at ${at} ^ ${bit}: ${found}`;
        assert.ok(
          found.some((check) => check === by[0]),
          where,
        );
        assert.deepEqual(
          found.filter((check) => !by.includes(check)),
          [],
          where,
        );
        for (const check of found) seen.add(check);
      }
    writeFileSync(join(root, path), bytes);
    t.diagnostic(`${path}, ${what}: ${[...seen].sort().join(', ')}`);
  }
  assert.deepEqual(await named(file, options), sound);
}

/** Offsets in latin1 text: the dash of a signature line is three bytes. */
const NOTE = [
  ['origin', /^([^\n]+)\n/],
  ['the end of a line', /(\n)/],
  ['size', /\n([0-9]+)\n/],
  ['root', /\n[0-9]+\n([^\n]+)\n/],
  ['the empty line', /\n(\n)/],
  ['the dash', /\n\n(...) /],
  ['a space', /\n\n...( )/],
  ['key name', /\n\n... (\S+) /],
  ['key id', /\n\n... \S+ (.{5})/],
  ['signature', /\n\n... \S+ .{6}(.{80})/],
  ['the last newline', /(\n)$/],
] as const;

const everyHash = (bytes: Buffer): readonly number[] =>
  [0, 31, (bytes.length >> 6) << 5, bytes.length - 1].filter((at) => at < bytes.length);

test('each kind of byte of each file of a log is held by a check that names it', async (t) => {
  const directory = temporaryDirectory(t);
  const file = longLedger(join(directory, 'ledger.ndjson'), 258, { whole: true });
  const log = await sealLedger(file, {
    sizes: [2, 257, 258],
    cosigned: { 2: AFTER, 258: AFTER },
  });
  const line = (path: string, ...first: string[]): readonly Class[] => [
    ['the dash', path, /^(...) /, ['log_cosignature', ...first]],
    ['key name', path, /^... (\S+) /, ['log_cosignature unmeasured', 'log_cosignature']],
    ['key id', path, /^... \S+ (.{5})/, ['log_cosignature unmeasured', 'log_cosignature']],
    ['time', path, /^... \S+ .{6}(.{9})/, ['log_cosignature', ...first]],
    ['signature', path, /^... \S+ .{18}(.{80})/, ['log_cosignature', ...first]],
    ['the last newline', path, /(\n)$/, ['log_cosignature', ...first]],
  ];
  const unwitnessed = 'log_cosignature unmeasured';
  const classes: readonly Class[] = [
    ...NOTE.map(([what, find]): Class => [what, 'checkpoint', find, ['log_checkpoint']]),
    ...NOTE.map(([what, find]): Class => [what, 'checkpoints/257', find, ['log_checkpoint']]),
    ['a hash of a full tile', 'tile/0/000', everyHash, ['log_root', 'log_leaf', 'log_consistency']],
    [
      'a hash of a partial tile',
      'tile/0/001.p/2',
      everyHash,
      ['log_root', 'log_leaf', 'log_consistency'],
    ],
    ['a hash that an earlier tree left', 'tile/0/001.p/1', everyHash, ['log_leaf']],
    ['a hash of level 1', 'tile/1/000.p/1', everyHash, ['log_root']],
    ['a length', 'tile/entries/000', () => [0, 1], ['log_tile']],
    ['an entry', 'tile/entries/000', (bytes) => [2, 500, bytes.length - 1], ['log_leaf']],
    ['a length of a partial bundle', 'tile/entries/001.p/2', () => [0, 1], ['log_tile']],
    [
      'an entry of a partial bundle',
      'tile/entries/001.p/2',
      (bytes) => [2, bytes.length - 1],
      ['log_leaf'],
    ],
    ['a length that an earlier tree left', 'tile/entries/001.p/1', () => [0, 1], ['log_leaf']],
    ['an entry that an earlier tree left', 'tile/entries/001.p/1', () => [2, 99], ['log_leaf']],
    ...line('cosignatures/258', unwitnessed),
  ];
  await flipAll(t, classes, {
    file,
    root: log.directory,
    options: { vkey: [log.vkey], witness: [WITNESS_VKEY] },
  });
});

test('each kind of byte of the key beside a log that no key was pinned of is held', async (t) => {
  const directory = temporaryDirectory(t);
  const file = longLedger(join(directory, 'ledger.ndjson'), 3);
  await sealLedger(file, { sizes: [3] });
  const path = 'ledger.vkey';
  const by = ['log_checkpoint'];
  const classes: readonly Class[] = [
    ['name', path, /^([^+]+)/, by],
    ['a plus', path, /(\+)/, by],
    ['key id', path, /\+(.{8})\+/, by],
    ['type', path, /\+.{8}\+(.)/, by],
    ['key', path, /\+.{8}\+..(.+)\n/, by],
  ];
  await flipAll(t, classes, { file, root: directory, options: {} });
});

test('each level of a log of more than 65,536 leaves is held', { timeout: 300_000 }, async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, 'ledger.ndjson');
  // No records: what the ledger's own checks say of them is not looked at here.
  writeFileSync(file, Array.from({ length: 65_537 }, (_, at) => `${at}\n`).join(''));
  const { directory: root } = await sealLedger(file, { sizes: [65_537] });
  const classes: readonly Class[] = [
    ['a hash of level 2', 'tile/2/000.p/1', () => [31], ['log_root']],
    ['a hash of level 1', 'tile/1/000', () => [4096], ['log_root']],
  ];
  await flipAll(t, classes, { file, root, options: {} });
});

test('each kind of byte of a receipt is held', async (t) => {
  const directory = temporaryDirectory(t);
  const events: { event_id: string; record_hash: string }[] = [];
  const file = longLedger(join(directory, 'ledger.ndjson'), 4, {
    onRecord: (event_id, record_hash) => events.push({ event_id, record_hash }),
  });
  const log = await sealLedger(file, { sizes: [4], cosigned: { 4: LONG_EPOCH } });
  const path = 'receipts.ndjson';
  const kept = receipt({ events, origin: log.origin, key_id: readApiKey(API_KEY).keyId }, LOG_KEY);
  writeFileSync(join(directory, path), receiptLine(kept));
  const members = ['event_id', 'record_hash', 'key_id', 'merge_by', 'origin', 'received_at'];
  const classes: readonly Class[] = [
    ...[...members, 'tenant_id', 'signature'].map(
      (name): Class => [name, path, new RegExp(`"${name}":"([^"]+)"`), ['receipt']],
    ),
    ...[...members, 'receipt', 'events', 'tenant_id', 'signature'].map(
      (name): Class => [`the name ${name}`, path, new RegExp(`"(${name})":`), ['receipt']],
    ),
    ['structure', path, /^(\{"receipt":\{"events":\[\{)/, ['receipt']],
    ['the last newline', path, /(\n)$/, ['receipt unmeasured', 'receipt']],
  ];
  const options = { vkey: [log.vkey], witness: [WITNESS_VKEY], receipts: [join(directory, path)] };
  await flipAll(t, classes, { file, root: directory, options });
});

test('each kind of byte of a disclosure is held', async (t) => {
  const directory = temporaryDirectory(t);
  const session = createSession({
    ...readApiKey(API_KEY),
    source: 'sdk_node',
    recordKey: recordKey(API_KEY),
    sessionKey: fixedKey('disclosing'),
  });
  const common = { evidence: 'observed', trace_origin: 'none' } as const;
  const sealed = [
    session.seal(
      {
        ...common,
        event_type: 'session_start',
        action_taken: 'RECORDED',
        session_public_key: session.publicKey,
        emitter: 'test',
        emitter_version: '1',
      },
      EPOCH,
    ),
    session.seal(
      {
        ...common,
        event_type: 'shield_start',
        action_taken: 'OBSERVED',
        agent_name_commit: commitment(agentName),
      },
      EPOCH,
    ),
  ];
  const file = join(directory, 'ledger.ndjson');
  mkdirSync(directory, { recursive: true });
  const lines = ledgerLines(sealed.map((one) => ({ sealed: one, apiKey: API_KEY })));
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const { event_id, tenant_id } = sealed[1]?.record ?? assert.fail();
  const path = 'ledger.disclosures.ndjson';
  writeFileSync(join(directory, path), `${formatDisclosureLine(event_id, tenant_id, agentName)}\n`);
  const by = ['disclosure', 'disclosure unmeasured'];
  const classes: readonly Class[] = [
    ...['event_id', 'field', 'salt', 'tenant_id', 'value'].flatMap((name): readonly Class[] => [
      [name, path, new RegExp(`"${name}":"([^"]+)"`), by],
      [`the name ${name}`, path, new RegExp(`"(${name})":`), by],
    ]),
    ['structure', path, /^(\{")/, by],
    ['the last newline', path, /(\n)$/, by],
  ];
  await flipAll(t, classes, { file, root: directory, options: {} });
});
