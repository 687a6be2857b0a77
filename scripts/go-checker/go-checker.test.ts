import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as crypto from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createEmitter, ndjson } from '../../functions/dist/testing/emitter.js';
import { createHouse, post } from '../../functions/dist/testing/local.js';
import { buildGoProgram, missingGo, runIn } from '../setup/go-program.ts';
import { ORIGIN, type WrittenLog, writeKey, writeLog } from './write-log.ts';

const HERE = 'scripts/go-checker';
const keys = crypto.generateKeyPairSync('ed25519');
const temporary = mkdtempSync(join(tmpdir(), 'vantio-go-checker-'));
after(() => rmSync(temporary, { recursive: true, force: true }));

/** A folder of a test's own. */
const fresh = (): string => mkdtempSync(join(temporary, 'log-'));

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

describe("Go's own notes and trees", { skip: missingGo(HERE) ?? false }, () => {
  let program = '';
  let good: WrittenLog;
  const check = ({ folder, vkey }: WrittenLog) =>
    spawnSync(program, [folder, vkey], { encoding: 'utf8' });

  before(async () => {
    program = buildGoProgram(HERE);
    good = await writeLog(fresh(), [1, 255, 256, 257, 300, 600], keys);
  });

  test('gofmt and go vet find nothing', () => {
    const { stdout, stderr } = runIn(HERE, 'gofmt', '-l', '.');
    assert.equal(stdout + stderr, '');
    assert.equal(runIn(HERE, 'go', 'vet', '.').stderr, '');
  });

  for (const size of [1, 2, 255, 256, 257, 70_000])
    test(`accept a log of ${size}`, async () => {
      const { status, stdout, stderr } = check(await writeLog(fresh(), [size]));
      assert.equal(status, 0, stderr);
      assert.match(stdout, new RegExp(`^ok: ${size} entries, root [A-Za-z0-9+/]{43}=\n$`));
    });

  test('accept a log that grew by steps to 70,000, and one whose old partial tiles are gone', async () => {
    const steps = [1, 2, 255, 256, 257, 1000, 65_535, 65_536, 65_537, 70_000];
    const log = await writeLog(fresh(), steps);
    assert.equal(check(log).stderr, '');
    for (const tile of ['tile/0/000', 'tile/0/001', 'tile/0/255', 'tile/entries/000', 'tile/1/000'])
      rmSync(join(log.folder, `${tile}.p`), { recursive: true });
    assert.equal(check(log).stderr, '');
  });

  test('accept what a control plane wrote, sealed again after a restart', async (t) => {
    const house = createHouse(t);
    const apiKey = house.key();
    for (const records of [3, 300, 450]) {
      const server = await house.start();
      const batch = createEmitter(apiKey).batch(records);
      assert.equal((await post(server.url, apiKey, ndjson(batch))).status, 202);
      await server.close();
      const { stdout, stderr } = check({
        folder: server.logDirectory,
        vkey: server.verifierKeyFile,
      });
      assert.equal(stderr, '');
      // Each run of the server adds records of its own.
      const lines = readFileSync(server.ledgerFile, 'utf8').split('\n').length - 1;
      assert.ok(lines > records && stdout.startsWith(`ok: ${lines} entries, `), stdout);
    }
  });

  // What is done to a sound log, and what the checker must say of it.
  const faults: readonly (readonly [string, (log: WrittenLog) => unknown, RegExp])[] = [
    [
      'a flipped bit in a tile of leaf hashes',
      ({ folder }) => flip(join(folder, 'tile/0/001'), 32 * 44 + 3),
      /^tile\/0\/001: does not hold the hash of entry 300$/,
    ],
    [
      'a flipped bit in a tile above',
      ({ folder }) => flip(join(folder, 'tile/1/000.p/2'), 63),
      /^tile\/1\/000\.p\/2: is not what the entries make$/,
    ],
    [
      'a flipped bit in a partial tile of an older tree',
      ({ folder }) => flip(join(folder, 'tile/0/001.p/44'), 0),
      /^tile\/0\/001\.p\/44: is not what the entries make$/,
    ],
    [
      'a flipped bit in an entry',
      ({ folder }) => flip(join(folder, 'tile/entries/002.p/88'), 40),
      /^tile\/0\/002\.p\/88: does not hold the hash of entry 513$/,
    ],
    [
      'a flipped bit in the length of an entry',
      ({ folder }) => flip(join(folder, 'tile/entries/000'), 0),
      /^tile\/(entries\/000: (entry \d+ is cut short|has \d+ entries)|0\/000: does not hold .*)$/,
    ],
    [
      'a flipped bit in the root of the checkpoint',
      ({ folder }) => flip(join(folder, 'checkpoint'), ORIGIN.length + 10),
      /^checkpoint: invalid signature for key vantio\.local\//,
    ],
    [
      'a flipped bit in its signature',
      ({ folder }) => flip(join(folder, 'checkpoint'), ORIGIN.length * 2 + 90),
      /^checkpoint: (invalid signature for key vantio\.local\/|malformed note$)/,
    ],
    [
      'a flipped bit in an older checkpoint',
      ({ folder }) => flip(join(folder, 'checkpoints/256'), ORIGIN.length + 10),
      /^checkpoints\/256: invalid signature for key vantio\.local\//,
    ],
    [
      'a missing tile',
      ({ folder }) => rmSync(join(folder, 'tile/0/001')),
      /tile\/0\/001: no such file or directory$/,
    ],
    [
      'a missing tile above',
      ({ folder }) => rmSync(join(folder, 'tile/1/000.p/2')),
      /tile\/1\/000\.p\/2: no such file or directory$/,
    ],
    [
      'a missing bundle',
      ({ folder }) => rmSync(join(folder, 'tile/entries/000')),
      /tile\/entries\/000: no such file or directory$/,
    ],
    [
      'a tile that is cut short',
      ({ folder }) => writeFileSync(join(folder, 'tile/0/000'), new Uint8Array(32)),
      /^tile\/0\/000: has 32 bytes$/,
    ],
    [
      'another key',
      ({ vkey }) => writeKey(vkey, crypto.generateKeyPairSync('ed25519').privateKey),
      /^checkpoint: note has no verifiable signatures$/,
    ],
    [
      'a checkpoint that is older than the last',
      ({ folder }) => cpSync(join(folder, 'checkpoints/300'), join(folder, 'checkpoint')),
      /^checkpoint: is not the last of checkpoints\/$/,
    ],
    [
      'a checkpoint under the name of another size',
      ({ folder }) => cpSync(join(folder, 'checkpoints/300'), join(folder, 'checkpoints/256')),
      /^checkpoints\/256: is for a tree of 300$/,
    ],
    [
      'an older checkpoint, signed by the log, of another tree',
      async ({ folder }) => {
        const fork = await writeLog(fresh(), [40, 300], keys, 'fork');
        cpSync(join(fork.folder, 'checkpoints/300'), join(folder, 'checkpoints/300'));
      },
      /^checkpoints\/300: (does not|cannot be proved to) go on from checkpoints\/257: /,
    ],
  ];
  for (const [what, spoil, says] of faults)
    test(`refuse ${what}`, async () => {
      const under = fresh();
      cpSync(join(good.folder, '..'), under, { recursive: true });
      const log = { folder: join(under, 'ledger.log'), vkey: join(under, 'ledger.vkey') };
      await spoil(log);
      const { status, stdout, stderr } = check(log);
      assert.equal(stdout, '');
      assert.equal(status, 1);
      assert.match(stderr.trimEnd(), says);
    });
});
