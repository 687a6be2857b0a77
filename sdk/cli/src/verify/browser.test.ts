import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Chromium, startChromium, WITHOUT_CHROMIUM } from '../testing/chromium.ts';
import { LONG_EPOCH, longLedger } from '../testing/long-ledger.ts';
import { API_KEY, sampleLedger, writeDisclosures } from '../testing/sample-ledger.ts';
import { sealLedger, WITNESS_VKEY } from '../testing/seal-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { type LedgerCase, vectorLedgers } from '../testing/vector-ledgers.ts';
import { verify } from '../testing/verify-in-process.ts';

/** What the page's verifier says, as `verify --json` prints it. */
const inBrowser = (page: Page, { files, options }: LedgerCase): Promise<string> =>
  page.evaluate(
    async ({ files, options }) => {
      const { vantio } = globalThis as unknown as {
        readonly vantio: {
          readonly verifyFiles: (request: unknown) => Promise<{ readonly outcome: unknown }>;
        };
      };
      const { outcome } = await vantio.verifyFiles({
        ...options,
        ledgers: ['ledger.ndjson'],
        files: files.map(({ name, base64 }) => ({
          name,
          content: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
        })),
      });
      return JSON.stringify(outcome);
    },
    {
      options,
      files: Object.entries(files).map(([name, bytes]) => ({
        name,
        base64: Buffer.from(bytes).toString('base64'),
      })),
    },
  );

/** What `vantio verify` says in a directory that holds the same files. */
async function onNode(directory: string, { files, options }: LedgerCase): Promise<string> {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), bytes);
  }
  const before = process.cwd();
  process.chdir(directory);
  try {
    return JSON.stringify(await verify('ledger.ndjson', options));
  } finally {
    process.chdir(before);
  }
}

const filesOf = (directory: string): LedgerCase['files'] =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(directory, name)).isFile())
      .map((name) => [name, readFileSync(join(directory, name))]),
  );

describe('the verifier in Chromium', { skip: WITHOUT_CHROMIUM }, () => {
  let chromium: Chromium;
  let page: Page;
  before(async () => {
    chromium = await startChromium();
    page = await chromium.openPage();
  });
  after(() => chromium?.close());

  test('says of every vector what the vector says, and what vantio verify says, byte for byte', async (t) => {
    const cases = vectorLedgers();
    assert.ok(cases.length > 50, `${cases.length} ledgers`);
    for (const one of cases) {
      const said = await inBrowser(page, one);
      assert.equal(said, await onNode(temporaryDirectory(t), one), one.name);
      if (one.verdict !== undefined)
        assert.equal((JSON.parse(said) as { verdict: string }).verdict, one.verdict, one.name);
    }
  });

  test('says of a log, its witness, receipts and kept checkpoints what vantio verify says', async (t) => {
    const directory = temporaryDirectory(t);
    const file = longLedger(join(directory, 'ledger.ndjson'), 600, { whole: true });
    const { vkey, put } = await sealLedger(file, {
      sizes: [5, 257, 590],
      cosigned: { 257: LONG_EPOCH + 5, 590: LONG_EPOCH + 9 },
    });
    writeFileSync(join(directory, 'user.key'), `${API_KEY}\n`);
    writeFileSync(join(directory, 'receipts.ndjson'), '{"receipt":{},"signature":""}\n');
    writeFileSync(join(directory, 'kept'), readFileSync(join(directory, 'ledger.log/checkpoint')));
    const options = {
      keyFile: ['user.key'],
      vkey: [vkey],
      witness: [WITNESS_VKEY],
      receipts: ['receipts.ndjson'],
      checkpoint: ['kept'],
    };
    const holdSame = async (name: string): Promise<{ readonly wrong: object }> => {
      const one = { name, files: filesOf(directory), options };
      const said = await inBrowser(page, one);
      assert.equal(said, await onNode(temporaryDirectory(t), one), name);
      return JSON.parse(said) as { readonly wrong: object };
    };
    assert.deepEqual((await holdSame('sound, but for the receipt')).wrong, { receipt: 1 });
    const cosignatures = readFileSync(join(directory, 'ledger.log/cosignatures/590'), 'utf8');
    const [dash, name, base64 = ''] = cosignatures.trim().split(' ');
    const bytes = Buffer.from(base64, 'base64');
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    put('cosignatures/590', `${dash} ${name} ${bytes.toString('base64')}\n`);
    assert.ok('log_cosignature' in (await holdSame('a cosignature that does not hold')).wrong);
    put('tile/0/000', Buffer.alloc(8192));
    assert.ok('log_leaf' in (await holdSame('a tile of zeros')).wrong);
    put('checkpoint', 'nothing\n');
    assert.ok('log_checkpoint' in (await holdSame('no checkpoint')).wrong);
  });

  test('takes wrong arguments and files with the sentences of the command line', async (t) => {
    const directory = temporaryDirectory(t);
    const { file } = sampleLedger(directory);
    writeDisclosures(file, ['{}']);
    const files = filesOf(directory);
    for (const [options, sentence] of [
      [{ keyFile: ['none.key'] }, /key file none\.key cannot be read \(ENOENT\)/],
      [{ vkey: ['x'] }, /--vkey wants a verifier key \(NAME\+KEYID\+BASE64\) or a file of them/],
      [{ expectHead: ['x'] }, /--expect-head wants SESSION:SEQ:HASH/],
      [{ log: 'ledger.log' }, /--log wants the directory of a log/],
    ] as const)
      await assert.rejects(inBrowser(page, { name: '', files, options }), sentence);
  });
});
