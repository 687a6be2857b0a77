import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseLedgerLine, recordHash } from '@vantio/schema';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { parseNote } from '@vantio/schema/tlog/note';
import { parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { ledgerFamily } from '../../ledger/ledger-family.ts';
import { runVantio } from '../../testing/run-vantio.ts';
import { readBack, skip } from '../testing/read-back.ts';
import { type SealedLedger, sealedLedger } from '../testing/sealed-ledger.ts';
import { type Cbor, encodeCbor } from './cbor.ts';

type Receipt = {
  readonly valid: boolean;
  readonly algorithm: string;
  readonly size: number;
  readonly index: number;
  readonly root: string;
  readonly deterministic: boolean;
  readonly claims: Readonly<Record<string, unknown>>;
};

const convert = ({ args, stateDir }: SealedLedger, out: string) =>
  runVantio(['convert', ...args, '--to', 'cose', '--out', out, '--state-dir', stateDir]);

const publicKeyOf = (directory: string): string =>
  Buffer.from(
    parseVerifierKey(readFileSync(join(directory, 'ledger.vkey'), 'utf8').trim()).publicKey,
  ).toString('hex');

test('pycose takes the receipt of every line, over the root of the log', { skip }, async (t) => {
  const ledger = await sealedLedger(t);
  const { directory } = ledger;
  const out = join(directory, 'receipts.cbor');
  const { status, stdout, stderr } = await convert(ledger, out);
  assert.equal(status, 0, stderr);
  const files = ledgerFamily(ledger.file).map(({ path }) => path);
  const lines = files.flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1));
  assert.match(stdout, new RegExp(`receipts\\.cbor {2}${lines.length} receipts`));
  const key = publicKeyOf(directory);
  const receipts = await readBack<readonly Receipt[]>('read_cose.py', out, key, ...files);
  const note = readFileSync(join(directory, 'ledger.log', 'checkpoint'), 'utf8');
  const head = parseCheckpointText(parseNote(note).text);
  assert.equal(receipts.length, lines.length);
  for (const [at, receipt] of receipts.entries()) {
    const { record, canonical } = parseLedgerLine(lines[at] ?? '');
    assert.deepEqual(
      [receipt.valid, receipt.algorithm, receipt.index, receipt.size, receipt.deterministic],
      [true, 'EDDSA', at, head.size, true],
    );
    assert.equal(receipt.root, Buffer.from(head.root).toString('hex'));
    const { attests, 6: issuedAt, ...claims } = receipt.claims;
    assert.deepEqual(claims, {
      1: head.origin,
      2: `urn:uuid:${record.event_id}`,
      tenant_id: record.tenant_id,
      record_hash: recordHash(canonical),
    });
    assert.match(
      String(attests),
      new RegExp(`is entry ${at} of the log, whose first ${head.size} entries`),
    );
    assert.equal(typeof issuedAt, 'number');
  }

  // The reader does tell: a claim that was changed, and another line in the place of one.
  const bytes = readFileSync(out);
  const forged = join(directory, 'forged.cbor');
  const at = bytes.indexOf('acme');
  writeFileSync(
    forged,
    Buffer.concat([bytes.subarray(0, at), Buffer.from('acne'), bytes.subarray(at + 4)]),
  );
  const judged = await readBack<readonly Receipt[]>('read_cose.py', forged, key, ...files);
  assert.equal(judged.filter(({ valid }) => !valid).length, 1);
  const [first = '', ...rest] = files;
  writeFileSync(first, readFileSync(first, 'utf8').replace('"record"', '"Record"'));
  const other = await readBack<readonly Receipt[]>('read_cose.py', out, key, first, ...rest);
  assert.equal(other[0]?.valid, false);
});

test('a tile that is damaged, and lines that are not sealed, get no receipt', async (t) => {
  const ledger = await sealedLedger(t, 20);
  const out = join(ledger.directory, 'receipts.cbor');
  const tiles = join(ledger.directory, 'ledger.log', 'tile', '0', '000.p');
  const newest = readdirSync(tiles).sort((a, b) => Number(b) - Number(a))[0] ?? '';
  const tile = readFileSync(join(tiles, newest));
  chmodSync(join(tiles, newest), 0o644);
  writeFileSync(
    join(tiles, newest),
    Buffer.concat([Buffer.of((tile[0] ?? 0) ^ 1), tile.subarray(1)]),
  );
  const damaged = await convert(ledger, out);
  assert.equal(damaged.status, 1);
  assert.match(damaged.stderr, /^vantio: .*ledger\.log: .*; see vantio verify\.\n$/);
  assert.equal(existsSync(out), false);
  writeFileSync(join(tiles, newest), tile);

  // An older checkpoint is the log's too.
  const checkpoints = join(ledger.directory, 'ledger.log', 'checkpoints');
  const sizes = readdirSync(checkpoints)
    .map(Number)
    .sort((a, b) => a - b);
  const [oldest = 0] = sizes;
  const newestSize = sizes.at(-1) ?? 0;
  assert.ok(oldest < newestSize);
  const checkpoint = join(ledger.directory, 'ledger.log', 'checkpoint');
  writeFileSync(checkpoint, readFileSync(join(checkpoints, String(oldest))));
  const partly = await convert(ledger, out);
  assert.equal(partly.status, 0, partly.stderr);
  assert.match(
    partly.stdout,
    new RegExp(
      `${oldest} receipts?[^]*${newestSize - oldest} lines? without one: after the checkpoint`,
    ),
  );
});

test('CBOR has one form: that of RFC 8949, appendix A', () => {
  const cases: readonly (readonly [Cbor, string])[] = [
    [0, '00'],
    [23, '17'],
    [24, '1818'],
    [255, '18ff'],
    [1000, '1903e8'],
    [65_536, '1a00010000'],
    [1_000_000_000_000, '1b000000e8d4a51000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    [-1, '20'],
    [-100, '3863'],
    [-1000, '3903e7'],
    [null, 'f6'],
    ['', '60'],
    ['ü', '62c3bc'],
    [Buffer.from('01020304', 'hex'), '4401020304'],
    [[1, [2, 3], [4, 5]], '8301820203820405'],
    [
      new Map([
        [2, 2],
        [10, 1],
        [-1, 3],
      ]),
      'a30202' + '0a01' + '2003',
    ],
    [
      new Map<string | number, Cbor>([
        ['aa', 1],
        ['b', 2],
        [100, 3],
      ]),
      'a3186403' + '616202' + '62616101',
    ],
    [{ tag: 18, value: [] }, 'd280'],
  ];
  for (const [value, hex] of cases) assert.equal(encodeCbor(value).toString('hex'), hex);
  for (const wrong of [1.5, Number.NaN, 2 ** 53])
    assert.throws(() => encodeCbor(wrong), RangeError);
});
