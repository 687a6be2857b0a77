import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import { LONG_EPOCH, longLedger } from '../../testing/long-ledger.ts';
import {
  cosignHead,
  type SealedLog,
  sealLedger,
  signHead,
  signText,
  verifierKeyOf,
  WITNESS_VKEY,
} from '../../testing/seal-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { failedChecks, verify, verifyAll } from '../../testing/verify-in-process.ts';
import type { VerifyOptions } from '../run-verify.ts';

const AFTER = LONG_EPOCH + 10;

type Broken = {
  readonly what: string;
  readonly spoil: (log: SealedLog, file: string) => unknown;
  /** More than the pins. */
  readonly options?: (log: SealedLog) => Partial<VerifyOptions>;
  /** The only check that may speak. */
  readonly check: string;
  /** What it says, and of which file. */
  readonly says: RegExp;
  readonly of: string;
};

const read = (log: SealedLog, path: string): Buffer => readFileSync(join(log.directory, path));

function flip(log: SealedLog, path: string, at: number): void {
  const bytes = read(log, path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  log.put(path, bytes);
}

const headOf = (log: SealedLog, size: number) => {
  const head = log.heads.get(size);
  assert.ok(head);
  return head;
};

const OTHER_ORIGIN = `vantio.local/${'0'.repeat(32)}`;
const otherRoot = leafHash(Buffer.from('another tree'));

const BROKEN: readonly Broken[] = [
  {
    what: 'the checkpoint is missing',
    spoil: (log) => rmSync(join(log.directory, 'checkpoint')),
    check: 'log_checkpoint',
    says: /^is missing$/,
    of: 'checkpoint',
  },
  {
    what: 'the checkpoint has CRLF line ends',
    spoil: (log) =>
      log.put('checkpoint', read(log, 'checkpoint').toString('utf8').replaceAll('\n', '\r\n')),
    check: 'log_checkpoint',
    says: /^the note has a control character, such as the CR of a CRLF: its lines end in LF alone$/,
    of: 'checkpoint',
  },
  {
    what: 'the checkpoint is not UTF-8',
    spoil: (log) => log.put('checkpoint', Buffer.from([0xff, 0xfe, 0x0a, 0x0a, 0x0a])),
    check: 'log_checkpoint',
    says: /^the checkpoint is not UTF-8$/,
    of: 'checkpoint',
  },
  {
    what: 'the checkpoint is a megabyte long',
    spoil: (log) => log.put('checkpoint', Buffer.alloc(1_000_001, 0x61)),
    check: 'log_checkpoint',
    says: /^the checkpoint is over 1000000 bytes$/,
    of: 'checkpoint',
  },
  {
    what: 'the tree has 2^63 leaves',
    spoil: async (log) => {
      const text = checkpointText(headOf(log, 600)).replace('\n600\n', '\n9223372036854775808\n');
      log.put('checkpoint', await signText(text, log.origin));
    },
    check: 'log_checkpoint',
    says: /^the tree size of the checkpoint is over 2\^53 - 1$/,
    of: 'checkpoint',
  },
  {
    what: 'the checkpoint has an extension line',
    spoil: async (log) => {
      const text = `${checkpointText(headOf(log, 600))}more\n`;
      log.put('checkpoint', await signText(text, log.origin));
    },
    check: 'log_checkpoint',
    says: /^the checkpoint has more than its 3 lines of text$/,
    of: 'checkpoint',
  },
  {
    what: 'another key signed the checkpoint under the same name',
    spoil: async (log) =>
      log.put('checkpoint', await signHead(headOf(log, 600), fixedKey('thief'))),
    check: 'log_checkpoint',
    says: /^the checkpoint is not signed by a log key that was pinned$/,
    of: 'checkpoint',
  },
  {
    what: 'the checkpoint is of another origin than the pinned key',
    spoil: async (log) => {
      const text = checkpointText({ ...headOf(log, 600), origin: 'vantio.local/other' });
      log.put('checkpoint', await signText(text, log.origin));
    },
    check: 'log_checkpoint',
    says: /^the checkpoint is of another origin than the key that signed it$/,
    of: 'checkpoint',
  },
  {
    what: 'the log is named after another ledger, and so is the pinned key',
    spoil: async (log) => {
      const origin = OTHER_ORIGIN;
      for (const size of [3, 600])
        log.put(`checkpoints/${size}`, await signHead({ ...headOf(log, size), origin }));
      log.put('checkpoint', read(log, 'checkpoints/600'));
      rmSync(join(log.directory, 'cosignatures'), { recursive: true });
    },
    options: () => ({ vkey: [verifierKeyOf(OTHER_ORIGIN)] }),
    check: 'log_checkpoint',
    says: /^is of another ledger: its origin is not that of /,
    of: 'checkpoint',
  },
  {
    what: 'the log signed the checkpoint twice',
    spoil: (log) => {
      const line = read(log, 'checkpoint').toString('utf8').split('\n').at(-2);
      appendFileSync(join(log.directory, 'checkpoint'), `${line}\n`);
    },
    check: 'log_checkpoint',
    says: /^the checkpoint is signed twice by the log$/,
    of: 'checkpoint',
  },
  {
    what: 'a stored checkpoint is of another log, whose key was pinned, too',
    spoil: async (log) => {
      log.put('checkpoints/3', await signHead({ ...headOf(log, 3), origin: OTHER_ORIGIN }));
    },
    options: (log) => ({ vkey: [log.vkey, verifierKeyOf(OTHER_ORIGIN)] }),
    check: 'log_checkpoint',
    says: /^the checkpoint is of another log$/,
    of: 'checkpoints/3',
  },
  {
    what: 'a stored checkpoint has a name that is not its size',
    spoil: (log) => log.put('checkpoints/5', read(log, 'checkpoints/3')),
    check: 'log_checkpoint',
    says: /^is a checkpoint of another size than its name says$/,
    of: 'checkpoints/5',
  },
  {
    what: 'a tile is missing',
    spoil: (log) => rmSync(join(log.directory, 'tile/0/001')),
    check: 'log_tile',
    says: /^is missing: a tile of the tree$/,
    of: 'tile/0/001',
  },
  {
    what: 'a tile is cut short',
    spoil: (log) => log.put('tile/0/000', read(log, 'tile/0/000').subarray(0, 8000)),
    check: 'log_tile',
    says: /^has 8000 bytes, not the 8192 of its place$/,
    of: 'tile/0/000',
  },
  {
    what: 'a tile has bytes to spare',
    spoil: (log) => log.put('tile/1/000.p/2', Buffer.alloc(8193)),
    check: 'log_tile',
    says: /^has more than the 64 bytes of its place$/,
    of: 'tile/1/000.p/2',
  },
  {
    what: 'a bundle is missing',
    spoil: (log) => rmSync(join(log.directory, 'tile/entries/002.p/88')),
    check: 'log_tile',
    says: /^is missing: a bundle of the tree$/,
    of: 'tile/entries/002.p/88',
  },
  {
    what: 'a bundle is cut short',
    spoil: (log) => log.put('tile/entries/000', read(log, 'tile/entries/000').subarray(0, 5000)),
    check: 'log_tile',
    says: /^entry \d+ of the bundle is cut short$/,
    of: 'tile/entries/000',
  },
  {
    what: 'the root that was signed is another',
    spoil: async (log) => {
      const head = { ...headOf(log, 600), root: otherRoot };
      log.put('checkpoint', await signHead(head));
      rmSync(join(log.directory, 'checkpoints/600'));
      log.put('cosignatures/600', `${cosignHead(head, AFTER)}\n`);
    },
    check: 'log_root',
    says: /^the root that the tiles make is not the checkpoint's$/,
    of: 'checkpoint',
  },
  {
    what: 'a tile does not hold what the one below makes',
    spoil: (log) => flip(log, 'tile/1/000.p/2', 40),
    check: 'log_root',
    says: /^does not hold what the tiles of the level below make$/,
    of: 'tile/1/000.p/2',
  },
  {
    what: 'an entry is another than its leaf',
    spoil: (log) => flip(log, 'tile/entries/001', 1000),
    check: 'log_leaf',
    says: /^entry 25\d of the log does not hash to its leaf in tile\/0\/001$/,
    of: 'tile/entries/001',
  },
  {
    what: 'lines of the ledger changed places',
    spoil: (_, file) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      [lines[7], lines[8]] = [lines[8] ?? '', lines[7] ?? ''];
      writeFileSync(file, lines.join('\n'));
    },
    check: 'log_leaf',
    says: /^the line is not entry 7 of the log$/,
    of: '../ledger.ndjson',
  },
  {
    what: 'what an earlier tree left is another',
    spoil: (log) => flip(log, 'tile/0/000.p/3', 5),
    check: 'log_leaf',
    says: /^is not the beginning of tile\/0\/000$/,
    of: 'tile/0/000.p/3',
  },
  {
    what: 'the ledger was cut',
    spoil: (_, file) =>
      writeFileSync(file, `${readFileSync(file, 'utf8').split('\n').slice(0, 400).join('\n')}\n`),
    check: 'log_size',
    says: /^the ledger has 400 lines, fewer than the 600 leaves of the checkpoint$/,
    of: '.',
  },
  {
    what: 'an older checkpoint was of another tree',
    spoil: async (log) => {
      const head = { ...headOf(log, 300), root: otherRoot };
      log.put('checkpoints/300', await signHead(head));
      log.put('cosignatures/300', `${cosignHead(head, AFTER)}\n`);
    },
    check: 'log_consistency',
    says: /^the checkpoint is not the beginning of the newest/,
    of: 'checkpoints/300',
  },
  {
    what: 'the log signed two trees of one size',
    spoil: async (log) => {
      log.put('mine', await signHead({ ...headOf(log, 600), root: otherRoot }));
    },
    options: (log) => ({ checkpoint: [join(log.directory, 'mine')] }),
    check: 'log_consistency',
    says: /^the checkpoint is not the beginning of the newest/,
    of: 'mine',
  },
  {
    what: 'the user kept a checkpoint of more leaves',
    spoil: async (log) => {
      log.put('mine', await signHead({ ...headOf(log, 600), size: 601 }));
    },
    options: (log) => ({ checkpoint: [join(log.directory, 'mine')] }),
    check: 'log_consistency',
    says: /^the checkpoint has 601 leaves and the newest of the log 600: the log was rolled back$/,
    of: 'mine',
  },
  {
    what: 'a cosignature does not hold',
    spoil: (log) => log.put('cosignatures/600', `${cosignHead(headOf(log, 300), AFTER)}\n`),
    check: 'log_cosignature',
    says: /^a cosignature of witness\.example\/w1 does not hold$/,
    of: 'cosignatures/600',
  },
  {
    what: 'a line of cosignatures is none',
    spoil: (log) => appendFileSync(join(log.directory, 'cosignatures/600'), 'signed: me\n'),
    check: 'log_cosignature',
    says: /^the line is not a signature line$/,
    of: 'cosignatures/600',
  },
  {
    what: 'a witness cosigned a tree that is larger than the log',
    spoil: (log) => {
      log.put('checkpoint', read(log, 'checkpoints/300'));
      rmSync(join(log.directory, 'checkpoints/600'));
    },
    check: 'log_cosignature',
    says: /^witness\.example\/w1 cosigned a tree of 600 leaves, and the newest checkpoint here has 300: the log was cut back/,
    of: 'cosignatures/600',
  },
  {
    what: 'a witness cosigned another tree, whose checkpoint was taken away',
    spoil: (log) => {
      const head = { ...headOf(log, 300), root: otherRoot };
      log.put('cosignatures/300', `${cosignHead(head, AFTER)}\n`);
      rmSync(join(log.directory, 'checkpoints/300'));
    },
    check: 'log_cosignature',
    says: /^a cosignature of witness\.example\/w1 does not hold$/,
    of: 'cosignatures/300',
  },
  {
    what: 'a witness had a line six minutes before it came in',
    spoil: (log) =>
      log.put('cosignatures/300', `${cosignHead(headOf(log, 300), LONG_EPOCH - 360)}\n`),
    check: 'clock',
    says: /^is more than 5 minutes after the time at which a witness cosigned/,
    of: '../ledger.ndjson',
  },
];

for (const { what, spoil, options, check, says, of } of BROKEN)
  test(`${check} fails, and no other check of the log, when ${what}`, async (t) => {
    const directory = temporaryDirectory(t);
    const file = longLedger(join(directory, 'ledger.ndjson'), 600, { whole: true });
    const log = await sealLedger(file, {
      sizes: [3, 300, 600],
      cosigned: { 300: AFTER, 600: AFTER },
    });
    const pins = { vkey: [log.vkey], witness: [WITNESS_VKEY] };
    assert.deepEqual((await verify(file, pins)).wrong, {}, 'it was broken before');
    await spoil(log, file);
    const outcome = await verify(file, { ...pins, ...options?.(log) });
    const failed = failedChecks(outcome).filter((name) => /^log_|^receipt$|^clock$/.test(name));
    assert.deepEqual(failed, [check], JSON.stringify(outcome.findings));
    assert.equal(outcome.verdict, 'rejected');
    const finding = outcome.findings.find(({ check: name }) => name === check);
    assert.match(finding?.message ?? '', says);
    assert.equal(finding?.file, join(log.directory, of));
    assert.ok(!outcome.logs[0]?.words.includes('verified'), String(outcome.logs[0]?.words));
  });

test('a clock that is five minutes ahead of the witness is let pass', async (t) => {
  const file = longLedger(join(temporaryDirectory(t), 'ledger.ndjson'), 10);
  const log = await sealLedger(file, { sizes: [10], cosigned: { 10: LONG_EPOCH - 299 } });
  const { wrong } = await verify(file, { vkey: [log.vkey], witness: [WITNESS_VKEY] });
  assert.deepEqual(wrong, {});
});

test('of two ledgers each is held to the checkpoints that were kept of its own log', async (t) => {
  const directory = temporaryDirectory(t);
  const files = ['one', 'two'].map((name) => longLedger(join(directory, `${name}.ndjson`), 10));
  const logs = await Promise.all(files.map((file) => sealLedger(file, { sizes: [4, 10] })));
  const checkpoint = logs.map((log) => join(log.directory, 'checkpoints/4'));
  const vkey = logs.map((log) => log.vkey);
  const all = (more: readonly string[] = []) =>
    verifyAll(files, { vkey, checkpoint: [...checkpoint, ...more] });
  assert.deepEqual((await all()).wrong, {});
  const stranger = await sealLedger(longLedger(join(directory, 'three.ndjson'), 10), {
    sizes: [4],
  });
  const third = join(stranger.directory, 'checkpoint');
  assert.deepEqual((await all([third])).wrong, { log_checkpoint: 1 });
  const [, two] = logs as [SealedLog, SealedLog];
  two.put('mine', await signHead({ ...headOf(two, 4), root: otherRoot }));
  const { wrong, logs: reports } = await all([join(two.directory, 'mine')]);
  assert.deepEqual(wrong, { log_consistency: 1 });
  assert.deepEqual(
    reports.map(({ failed }) => failed),
    [[], ['log_consistency']],
  );
});
