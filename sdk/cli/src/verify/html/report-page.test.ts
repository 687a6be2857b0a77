import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { escapeText } from '../../terminal/escape-text.ts';
import { LONG_EPOCH, longLedger } from '../../testing/long-ledger.ts';
import { runVantio } from '../../testing/run-vantio.ts';
import { API_KEY, sampleLedger } from '../../testing/sample-ledger.ts';
import { sealLedger, WITNESS, WITNESS_VKEY } from '../../testing/seal-ledger.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { html } from './html.ts';

/** The page of a run of the real command. */
async function pageOf(t: TestContext, args: (directory: string) => Promise<readonly string[]>) {
  const directory = temporaryDirectory(t);
  const page = join(directory, 'report.html');
  const ran = await runVantio(['verify', ...(await args(directory)), '--html', page]);
  return { ...ran, text: readFileSync(page, 'utf8'), page, directory };
}

const sealedLedger = async (directory: string) => {
  const { keyFile } = sampleLedger(directory, 'other.ndjson');
  const file = longLedger(join(directory, 'ledger.ndjson'), 20);
  const log = await sealLedger(file, { sizes: [5, 18], cosigned: { 18: LONG_EPOCH + 9 } });
  return { file, log, keyFile };
};

test('a page says the verdict, what is unmeasured and why, the tree, the keys, and how it was made', async (t) => {
  let root = '';
  let vkey = '';
  const { status, text } = await pageOf(t, async (directory) => {
    const { file, log, keyFile } = await sealedLedger(directory);
    root = Buffer.from(log.heads.get(18)?.root ?? []).toString('base64');
    vkey = log.vkey;
    return [file, '--key-file', keyFile, '--vkey', log.vkey, '--witness', WITNESS_VKEY];
  });
  assert.equal(status, 0);
  for (const part of [
    '<strong>Verified with notes</strong>',
    'verified, witnessed by 1, 2 unsealed',
    '2 lines are unsealed: no checkpoint covers the end of the ledger yet',
    'tail unmeasured: no session_end',
    'None of the checks found anything wrong.',
    'not looked at: no receipt was given',
    'not looked at: no record was pinned',
    '18 leaves',
    root,
    WITNESS,
    new Date((LONG_EPOCH + 9) * 1000).toISOString(),
    `<code>${vkey.split('+')[1]}</code>`,
    `<code>${WITNESS_VKEY.split('+')[1]}</code>`,
    'tenant acme, plan local',
    'vantio verify ',
    `Node ${process.versions.node}`,
  ])
    assert.ok(text.includes(part), part);
  for (const secret of [API_KEY, API_KEY.split('.')[6] ?? '']) assert.ok(!text.includes(secret));
});

test('a page needs no other: no script, no address, and nothing is loaded', async (t) => {
  const { text } = await pageOf(t, async (directory) => [(await sealedLedger(directory)).file]);
  assert.doesNotMatch(
    text,
    /<script|<link|<img|<iframe|javascript:|https?:|url\(|@import|\son\w+=/i,
  );
  assert.match(text, /content="default-src 'none'; style-src 'unsafe-inline'"/);
  assert.match(text, /@media print/);
  assert.match(text, /@media \(prefers-color-scheme: dark\)/);
});

test('what an attacker puts in a ledger stays text', async (t) => {
  const evil = '</td><script>alert(1)</script>';
  const { status, text } = await pageOf(t, async (directory) => {
    const { file, log } = await sealedLedger(directory);
    const named = join(directory, `<img src=x onerror=alert(2)>'".ndjson`);
    writeFileSync(named, readFileSync(file));
    appendFileSync(named, `${JSON.stringify({ [evil]: 1, '\u202egnp': 2 })}\n`);
    return [named, '--log', log.directory];
  });
  assert.equal(status, 1);
  assert.ok(text.includes('<strong>Rejected</strong>'));
  assert.doesNotMatch(text, /<script|<img|\u202e/);
  assert.ok(text.includes('&lt;img src=x onerror=alert(2)&gt;&#39;&quot;.ndjson'));
});

test('a page never takes the place of a file, and is not left behind by a run that came to nothing', async (t) => {
  const directory = temporaryDirectory(t);
  const { file } = sampleLedger(directory);
  const before = readFileSync(file, 'utf8');
  const onto = await runVantio(['verify', file, '--html', file]);
  assert.equal(onto.status, 2);
  assert.match(
    onto.stderr,
    /^vantio: .*ledger\.ndjson is there already; name another file with --html\.\n$/,
  );
  assert.equal(readFileSync(file, 'utf8'), before);
  const page = join(directory, 'report.html');
  const args = ['verify', file, '--html', page, '--log', join(directory, 'none')];
  assert.equal((await runVantio(args)).status, 2);
  assert.ok(!existsSync(page));
});

test('only the template itself is markup', () => {
  assert.equal(
    html`<b>${'<i>&"\''}</b>${[html`<u>${1000}</u>`]}`.markup,
    '<b>&lt;i&gt;&amp;&quot;&#39;</b><u>1,000</u>',
  );
  assert.equal(escapeText(''), '');
});
