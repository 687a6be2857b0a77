import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { parseNote } from '@vantio/schema/tlog/note';
import { parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { runVantio } from '../../testing/run-vantio.ts';
import { readBack, skip } from '../testing/read-back.ts';
import { type SealedLedger, sealedLedger } from '../testing/sealed-ledger.ts';
import { soundSource } from '../testing/sound-source.ts';
import { wideLedger } from '../testing/wide-ledger.ts';
import { ledgerStatement } from './ledger-statement.ts';
import { readLogKey, writerOf } from './open-log.ts';

type Read = {
  readonly keyid: string;
  readonly statement: {
    readonly predicateType: string;
    readonly subject: readonly { readonly name: string }[];
    readonly predicate: {
      readonly verification: {
        readonly verdict: string;
        readonly records: number;
        readonly unmeasured: object;
      };
      readonly logs: readonly {
        readonly origin: string;
        readonly treeSize: number;
        readonly rootHash: string;
        readonly unsealed: number;
        readonly checkpoint: string;
        readonly files: readonly string[];
      }[];
    };
  };
};

const convert = ({ args, stateDir }: SealedLedger, out: string, ...more: readonly string[]) =>
  runVantio([
    'convert',
    ...args,
    '--to',
    'in-toto',
    '--out',
    out,
    '--state-dir',
    stateDir,
    ...more,
  ]);

/** Raw, hex: from the key that a reader pins. */
const publicKeyOf = (directory: string): string =>
  Buffer.from(
    parseVerifierKey(readFileSync(join(directory, 'ledger.vkey'), 'utf8').trim()).publicKey,
  ).toString('hex');

test("in-toto's own definitions and securesystemslib take the statement, and its digests are of the files", {
  skip,
}, async (t) => {
  const ledger = await sealedLedger(t);
  const { directory } = ledger;
  const out = join(directory, 'ledger.intoto.json');
  const { status, stdout, stderr } = await convert(ledger, out);
  assert.equal(status, 0, stderr);
  const names = readdirSync(directory)
    .filter((name) => /^ledger(\.[0-9]{6})?\.ndjson$/.test(name))
    .sort();
  assert.ok(names.length > 1);
  assert.match(stdout, new RegExp(`statement on ${names.length} files`));
  const key = publicKeyOf(directory);
  const { statement, keyid } = await readBack<Read>('read_statement.py', out, key, directory);
  const pem = readFileSync(join(ledger.stateDir, 'log.pem'), 'utf8');
  const spki = createPublicKey(pem).export({ format: 'der', type: 'spki' });
  assert.equal(keyid, createHash('sha256').update(spki).digest('hex'));
  assert.deepEqual(statement.subject.map(({ name }) => name).sort(), names);
  const { verification, logs } = statement.predicate;
  assert.equal(verification.verdict, 'verified with notes');
  const [log, ...others] = logs;
  assert.deepEqual(others, []);
  const head = parseCheckpointText(parseNote(log?.checkpoint ?? '').text);
  assert.equal(log?.treeSize, head.size);
  assert.equal(log?.treeSize, verification.records);
  assert.equal(log?.rootHash, Buffer.from(head.root).toString('hex'));
  assert.equal(log?.origin, head.origin);
  assert.equal(log?.unsealed, 0);

  // The reader does tell: by another key, and of a statement that was changed.
  const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
  const hex = Buffer.from(other, 'base64url').toString('hex');
  await assert.rejects(readBack('read_statement.py', out, hex, directory), /ignature/);
  const envelope = JSON.parse(readFileSync(out, 'utf8'));
  const payload = Buffer.from(envelope.payload, 'base64')
    .toString()
    .replace('with notes', 'WITH notes');
  const forged = join(directory, 'forged.json');
  writeFileSync(
    forged,
    JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }),
  );
  await assert.rejects(readBack('read_statement.py', forged, key, directory), /ignature/);
});

test('no statement is made of what does not go together', async (t) => {
  const ledger = await sealedLedger(t, 20);
  const out = join(ledger.directory, 'out.json');
  const refused = async (
    words: RegExp,
    code: number,
    stateDir = ledger.stateDir,
  ): Promise<void> => {
    const { status, stderr } = await convert({ ...ledger, stateDir }, out);
    assert.match(stderr, words);
    assert.equal(stderr.split('\n').length, 2, stderr);
    assert.equal(status, code);
    assert.equal(existsSync(out), false);
  };
  await refused(/log\.pem does not exist; name the state directory/, 2, ledger.directory);
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(ledger.directory, 'log.pem'), pem, { mode: 0o600 });
  await refused(
    /ledger\.vkey is not of the key in .*log\.pem; name the state directory/,
    2,
    ledger.directory,
  );
  writeFileSync(join(ledger.directory, 'log.pem'), 'no key', { mode: 0o600 });
  await refused(/log\.pem is not an Ed25519 private key/, 2, ledger.directory);

  const checkpoint = join(ledger.directory, 'ledger.log', 'checkpoint');
  const note = readFileSync(checkpoint, 'utf8');
  writeFileSync(checkpoint, note.replace(/\n[0-9]+\n/, '\n7\n'));
  await refused(/ledger\.log: a signature of a known key does not hold; see vantio verify/, 1);
  rmSync(checkpoint);
  await refused(/ledger\.log has no checkpoint/, 2);
  writeFileSync(checkpoint, note);

  // Whole lines taken off the end verify by themselves; the log knows of them.
  const text = readFileSync(ledger.file, 'utf8');
  writeFileSync(ledger.file, text.split('\n').slice(0, -3).join('\n').concat('\n'));
  await refused(/ledger\.log has [0-9]+ leaves, and the ledger [0-9]+ lines/, 1);
  appendFileSync(ledger.file, 'x');
  await refused(/torn/, 1);

  const unsealed = wideLedger(ledger.directory);
  const ran = await convert({ ...ledger, args: unsealed.args }, out);
  assert.match(
    ran.stderr,
    /wide\.vkey cannot be read \(ENOENT\); this form wants the ledger of a local control plane/,
  );
});

test('a file that goes on growing while it is read is in no statement', async (t) => {
  const ledger = await sealedLedger(t, 20);
  const source = soundSource(ledger.args);
  const key = await readLogKey(ledger.stateDir, writerOf(source));
  const whole = (await ledgerStatement(source, key)) as { readonly subject: readonly unknown[] };
  assert.equal(whole.subject.length, source.files.length);
  const [line = ''] = readFileSync(ledger.file, 'utf8').split('\n');
  appendFileSync(ledger.file, `${line}\n`);
  await assert.rejects(ledgerStatement(source, key), {
    exitCode: 1,
    message: /ledger\.ndjson has grown since it was verified; a statement is about whole files/,
  });
});
