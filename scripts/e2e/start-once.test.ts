import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Ran, run, vantio } from './run.ts';
import { skeleton } from './skeleton.ts';

const scratch = mkdtempSync(join(tmpdir(), 'vantio-start-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

let ran: Ran;
let ledger: string;
let keys: string;
let records: number;

before(async () => {
  ran = await run('scripts/start', ['--once', '--no-kernel', '--dir', join(scratch, 'demo')], {
    ...process.env,
    COLUMNS: '110',
  });
  const last = ran.stdout.trimEnd().split('\n').at(-1) ?? '';
  const said = /^records (\d+), verified (\d+), ledger (\S+), key (\S+)$/.exec(last);
  assert.ok(said, `the last line is: ${last}\n${ran.stdout}\n${ran.stderr}`);
  records = Number(said[1]);
  assert.equal(said[2], said[1]);
  ledger = said[3] ?? '';
  keys = said[4] ?? '';
});

/** Verifies a copy of the ledger made of `lines`. */
async function verifyCopy(name: string, bytes: Buffer | string): Promise<Ran> {
  const copy = join(scratch, `${name}.ndjson`);
  writeFileSync(copy, bytes);
  const verified = await vantio('verify', copy, '--key-file', keys);
  rmSync(copy);
  return verified;
}

function lines(): string[] {
  return readFileSync(ledger, 'utf8').trimEnd().split('\n');
}

function joined(parts: readonly (string | undefined)[]): string {
  return `${parts.join('\n')}\n`;
}

test('scripts/start --once holds in every step and leaves nothing running', () => {
  assert.equal(ran.status, 0, `${ran.stdout}\n${ran.stderr}`);
  assert.doesNotMatch(ran.stdout, /DID NOT HOLD/);
  assert.equal(lines().length, records);
});

test('the README shows what scripts/start shows', () => {
  const [, shown = ''] =
    /<!-- capture: [^\n]*\n```text\n\$ [^\n]*\n([\s\S]*?)```/.exec(
      readFileSync('README.md', 'utf8'),
    ) ?? [];
  const dir = join(scratch, 'demo');
  assert.deepEqual(skeleton(ran.stdout, dir), skeleton(shown, dir));
});

test('the verifier accepts the ledger as it was written', async () => {
  const { status, stdout } = await vantio('verify', ledger, '--key-file', keys);
  assert.equal(status, 0, stdout);
});

test('the verifier rejects the ledger under a key that is not its own', async () => {
  const other = join(scratch, 'other.key');
  const state = join(scratch, 'other-state');
  const { status } = await vantio(
    ...['keys', 'create', '--tenant', 'demo', '--state-dir', state, '--out', other],
  );
  assert.equal(status, 0);
  const verified = await vantio('verify', ledger, '--key-file', other, '--strict');
  assert.equal(verified.status, 1, verified.stdout);
});

test('the verifier rejects a copy in which any one byte differs', async () => {
  const original = readFileSync(ledger);
  // A prime stride walks through every part of a line, in another one each time.
  const stride = Math.max(1, Math.floor(original.length / 48)) | 1;
  const survivors: string[] = [];
  for (let at = 0; at < original.length - 1; at += stride) {
    const copy = Buffer.from(original);
    copy[at] = (copy[at] ?? 0) ^ 1;
    const { status } = await verifyCopy('flipped', copy);
    if (status !== 1) survivors.push(`byte ${at}: status ${status}`);
  }
  assert.deepEqual(survivors, []);
});

test('the verifier rejects a copy with a record dropped, moved, doubled or taken from elsewhere', async () => {
  const all = lines();
  const middle = Math.floor(all.length / 2);
  const swapped = [...all];
  [swapped[middle], swapped[middle + 1]] = [all[middle + 1] ?? '', all[middle] ?? ''];
  const copies: Record<string, string> = {
    dropped: joined(all.toSpliced(middle, 1)),
    'first dropped': joined(all.slice(1)),
    swapped: joined(swapped),
    doubled: joined([...all.slice(0, middle + 1), ...all.slice(middle)]),
    torn: joined(all).slice(0, -20),
    'an empty line': joined(all.toSpliced(middle, 0, '')),
  };
  for (const [name, copy] of Object.entries(copies)) {
    const { status, stdout } = await verifyCopy(name.replaceAll(' ', '-'), copy);
    assert.equal(status, 1, `${name}: ${stdout}`);
  }
});

test('a wrong argument ends scripts/start with the reason', async () => {
  const { status, stderr } = await run('scripts/start', ['--onec']);
  assert.equal(status, 64);
  assert.match(stderr, /^scripts\/start: .*--onec.*\n$/m);
  assert.doesNotMatch(stderr, /node:internal/);
});
