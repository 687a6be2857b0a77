import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { makeReceiptKey } from '@vantio/functions/cloud';
import { instantFromMicros, parseEnvelope, recordHash } from '@vantio/schema';
import { signReceipt } from '@vantio/schema/receipt';
import { ledgerRows } from '@vantio/schema/spanner/ledger-row';
import { formatVerifierKey } from '@vantio/schema/tlog/note-keys';
import { createCloudLog } from '../../functions/dist/cloud/create-log.js';
import { noteKeyOf, originOf } from '../../functions/dist/cloud/log-key/log-identity.js';
import { sealTenant } from '../../functions/dist/cloud/seal/seal-tenant.js';
import { aroundIngest } from '../../functions/dist/cloud/testing/around-ingest.js';
import { createLedger } from '../../functions/dist/cloud/testing/emulated.js';
import { createEmitter, linesOf } from '../../functions/dist/cloud/testing/records.js';
import {
  createSealing,
  LOG_NAME,
  rotating,
  withKeys,
} from '../../functions/dist/cloud/testing/sealing.js';
import {
  missingStorageServer,
  startStorageServer,
} from '../../functions/dist/cloud/testing/storage-server.js';
import { run, vantio } from '../e2e/run.ts';

const skip =
  process.env.SPANNER_EMULATOR_HOST === undefined
    ? 'no emulators on this machine; see the line above'
    : missingStorageServer();
const python = process.env.VANTIO_PYTHON;
const TENANT = 'acme';
const folder = mkdtempSync(join(tmpdir(), 'vantio-rotated-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const hexOf = (keys: readonly Uint8Array[]): string =>
  keys.map((key) => Buffer.from(key).toString('hex')).join(',');

async function vantioSays(status: number, ...args: readonly string[]): Promise<string> {
  const ran = await vantio(...args);
  assert.equal(ran.status, status, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

type Verified = {
  readonly wrong: Readonly<Record<string, number>>;
  readonly unmeasured: Readonly<Record<string, number>>;
  readonly logs: readonly {
    readonly words: readonly string[];
    readonly keys: readonly { readonly revokedAt?: number }[];
  }[];
};

/** The endpoints of the log over the sealed ledger, as the function that is deployed has them. */
async function serveLog(environment: Readonly<Record<string, string>>): Promise<string> {
  Object.assign(process.env, environment);
  http('rotated-log', await createCloudLog());
  const server = getTestServer('rotated-log').listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
    // The client that the function opened lives as long as an instance does.
    setTimeout(() => process.exit(), 500).unref();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a tenant whose log’s key hands over and is revoked is followed by witness, monitor and both verifiers', {
  skip,
}, async (t) => {
  const sealing = await createSealing(await startStorageServer({ after }));
  t.after(() => sealing.database.close());
  const { parts, keys } = sealing;
  const { during, after: handedOver } = rotating(keys);
  const revoked = { ...handedOver, revoked: keys.publicKeys };
  const apiKeys: string[] = [];
  const events: { readonly event_id: string; readonly record_hash: string }[] = [];
  const now = (): string => instantFromMicros(Date.now() * 1000);
  const store = async (records: number): Promise<void> => {
    const emitter = createEmitter(TENANT);
    apiKeys.push(emitter.apiKey);
    writeFileSync(at('keys'), apiKeys.map((key) => `${key}\n`).join(''));
    writeFileSync(at('key'), `${emitter.apiKey}\n`);
    const envelopes = linesOf(emitter, records).map(parseEnvelope);
    for (const { record, canonical } of envelopes)
      events.push({ event_id: record.event_id, record_hash: recordHash(canonical) });
    await sealing.storeOnce(envelopes.map((envelope) => ledgerRows(envelope, now())));
  };
  const seal = (with_: typeof keys) => sealTenant(withKeys(parts, with_), TENANT, 'newest');

  const witness = await vantioSays(
    0,
    ...['witness', 'keygen', '--name', 'witness.example/w1', '--out', at('witness.key')],
  );
  writeFileSync(at('witnesses'), witness);
  const origin = originOf(LOG_NAME, TENANT);
  const [first, second] = during.publicKeys.map((key) => formatVerifierKey(noteKeyOf(origin, key)));
  writeFileSync(at('pinned.vkey'), `${first}\n`);
  writeFileSync(at('second.vkey'), `${second}\n`);
  const url = await serveLog({
    ...(await aroundIngest({ after })).environment,
    REDIS_URL: '',
    VANTIO_SPANNER_DATABASE: sealing.path,
    VANTIO_LOG_NAME: LOG_NAME,
    VANTIO_LOG_PUBLIC_KEY: hexOf(during.publicKeys),
    VANTIO_TILES_BUCKET: sealing.buckets.settled,
    VANTIO_MOVING_TILES_BUCKET: sealing.buckets.moving,
    VANTIO_WITNESSES: witness.trim(),
  });
  const here = () => ['--url', url, '--key-file', at('key'), '--vkey', at('pinned.vkey')];
  const look = () =>
    vantioSays(
      0,
      ...['witness', '--once', ...here()],
      ...['--witness-key', at('witness.key'), '--state', at('watched')],
    );
  /** A receipt of everything so far, as ingest gives it whose receipt key this log's key vouches for. */
  const promise = async (vouching: (typeof keys)['current'], receivedAt = now()) => {
    const { privateKey, certificate } = await makeReceiptKey({
      ...{ logName: LOG_NAME, days: 1 },
      sign: vouching.sign,
    });
    const receipt = {
      events: [...events],
      key_id: apiKeys.at(-1)?.split('.')[2] ?? '',
      merge_by: instantFromMicros((Date.parse(receivedAt) + 600_000) * 1000),
      origin,
      received_at: receivedAt,
      tenant_id: TENANT,
    };
    return `${JSON.stringify(signReceipt(receipt, privateKey, certificate))}\n`;
  };
  const exported = async (): Promise<void> => {
    for (const name of ['ledger.ndjson', 'ledger.disclosures.ndjson', 'ledger.log'])
      rmSync(at(name), { recursive: true, force: true });
    const out = ['--key-file', at('keys'), '--out', at('ledger.ndjson')];
    await vantioSays(0, 'export', '--log', '--database', sealing.path, ...out);
  };
  /** What both say, or the one that is there; they agree on every count. */
  const verified = async (vkey = 'pinned.vkey'): Promise<Verified> => {
    const pins = ['--vkey', at(vkey), '--witness', at('witnesses'), '--receipts', at('receipts')];
    const args = [at('ledger.ndjson'), '--json', '--key-file', at('keys'), ...pins];
    const ours = JSON.parse((await vantio('verify', ...args)).stdout) as Verified;
    if (python !== undefined) {
      const words = ['-m', 'vantio_verify', ...args];
      const { stdout, stderr } = await run(python, words, process.env, 'sdk/python');
      assert.equal(stderr, '');
      const { wrong, unmeasured } = JSON.parse(stdout) as Verified;
      assert.deepEqual([wrong, unmeasured], [ours.wrong, ours.unmeasured], stdout);
    }
    return ours;
  };
  const monitor = (status: number) =>
    vantioSays(
      status,
      ...['monitor', ...here(), '--witness', at('witnesses'), '--receipts', at('receipts')],
    );

  await store(4);
  const early = await promise(keys.current);
  await seal(keys);
  await look();
  await store(3);
  await seal(during);
  // Somebody who never saw the first key alone, and one who did, before and after.
  await look();
  await store(2);
  const late = await promise(during.next);
  await seal(handedOver);
  await look();
  writeFileSync(at('receipts'), early + late);

  await t.test('the log endpoint gives the note, to the tenant alone and for ever', async () => {
    const get = (authorization: string) =>
      fetch(`${url}/api/v1/rotations/1`, { headers: { authorization } });
    const answer = await get(`Bearer ${apiKeys[0]}`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('cache-control') ?? '', /^private, .*immutable$/);
    const note = await answer.text();
    assert.ok(note.includes(`\nfrom ${first}\nto ${second}\n`), note);
    assert.equal((await get('')).status, 401);
    const other = createEmitter('globex');
    assert.equal((await get(`Bearer ${other.apiKey}`)).status, 404);
  });

  await t.test('monitor keeps the promises of either key', async () => {
    assert.match(await monitor(0), /promises kept 2, broken 0, wrong 0, unmeasured 0/);
  });

  await t.test('and so does who verifies files, whichever key they pinned', async () => {
    await exported();
    for (const vkey of ['pinned.vkey', 'second.vkey']) {
      const { wrong, unmeasured, logs } = await verified(vkey);
      assert.deepEqual(wrong, {});
      // The sealer's records are under a key that nobody keeps: said once, for the key.
      assert.equal(unmeasured.mac, 1);
      assert.equal(logs[0]?.words[1], 'witnessed by 1');
      assert.equal(logs[0]?.keys.length, 2);
    }
  });

  await t.test(
    'its export is imported and converted but for what nobody has a key of',
    async (t) => {
      const { path, database } = await createLedger();
      t.after(() => database.close());
      const keyed = [at('ledger.ndjson'), '--key-file', at('keys')];
      const leftOut = /3 lines left out, from .*ledger\.ndjson:\d+ on: /;
      const dropped = await vantio(
        'convert',
        ...keyed,
        '--to',
        'cloudevents',
        '--out',
        at('events'),
      );
      assert.deepEqual([dropped.status, leftOut.test(dropped.stderr)], [0, true], dropped.stderr);
      const imported = await vantio('import', ...keyed, '--database', path, '--json');
      assert.equal(imported.status, 0, imported.stderr);
      assert.match(imported.stderr, leftOut);
      const { lines, records } = JSON.parse(imported.stdout);
      assert.deepEqual([lines, records], [events.length, events.length]);
      const out = at('again.ndjson');
      const named = ['--key-file', at('keys')];
      await vantioSays(0, 'export', '--database', path, ...named, '--out', out);
      const again = JSON.parse(await vantioSays(0, 'verify', out, '--json', ...named));
      assert.deepEqual([again.records, again.verified], [events.length, events.length]);

      const whole = readFileSync(at('ledger.ndjson'), 'utf8');
      writeFileSync(at('ledger.ndjson'), whole.replace('"signer_rotated"', '"shield_start"'));
      const changed = await vantio('import', ...keyed, '--database', path, '--dry-run');
      writeFileSync(at('ledger.ndjson'), whole);
      assert.equal(changed.status, 1, changed.stdout);
    },
  );

  await t.test(
    'after its key was revoked a certificate is worth nothing, and before it is',
    async () => {
      await seal(revoked);
      await look();
      await exported();
      const { wrong, logs } = await verified();
      assert.deepEqual(wrong, {});
      assert.equal(typeof logs[0]?.keys[0]?.revokedAt, 'number');
      writeFileSync(at('receipts'), early + late + (await promise(keys.current)));
      assert.deepEqual((await verified()).wrong, { receipt: 1 });
      writeFileSync(at('receipts'), await promise(during.next));
      assert.deepEqual((await verified()).wrong, {});
    },
  );

  await t.test('a log without its note is not that of who pinned the first key', async () => {
    rmSync(at('ledger.log/rotations'), { recursive: true });
    assert.ok((await verified()).wrong.log_checkpoint);
  });
});

test('the runbook’s question names the logs that have not handed over', { skip }, async (t) => {
  const sealing = await createSealing(await startStorageServer({ after }));
  t.after(() => sealing.database.close());
  const { during } = rotating(sealing.keys);
  const page = readFileSync('infra/runbooks/log-key.md', 'utf8');
  const [, sql = ''] = /--sql="([^"]+)"/.exec(page) ?? [];
  const next = Buffer.from(during.next.publicKey).toString('hex');
  const ask = async () =>
    (await sealing.database.run({ sql: sql.replace('KEY', next), json: true }))[0];
  const emitter = createEmitter(TENANT);
  const rows = linesOf(emitter, 2).map((line) =>
    ledgerRows(parseEnvelope(line), instantFromMicros(Date.now() * 1000)),
  );
  await sealing.storeOnce(rows);
  await sealTenant(sealing.parts, TENANT, 'all');
  assert.deepEqual(await ask(), [{ TenantId: TENANT }]);
  await sealTenant(withKeys(sealing.parts, during), TENANT, 'all');
  assert.deepEqual(await ask(), []);
});
