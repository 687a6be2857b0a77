import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from './testing/config.ts';
import { pulumiRun, type Run } from './testing/pulumi-run.ts';

const kept = ({ registered }: Run): readonly string[] =>
  registered
    .filter(({ protect, retainOnDelete }) => protect && retainOnDelete)
    .map(({ type, name }) => `${type.split(':').at(-1)} ${name}`)
    .sort();

const LEDGER = ['Bucket moving', 'Bucket settled', 'Database database', 'Instance instance'];
const TOLD = { ...CONFIG, 'vantio:destroyLedger': 'true' };

describe('the program, run by Pulumi’s own runner', () => {
  let dev: Run;
  let full: Run;
  before(async () => {
    dev = await pulumiRun(CONFIG, false);
    full = await pulumiRun(FULL, false);
  });

  it('runs as it stands, without a build, for either profile, and previews', async () => {
    const preview = await pulumiRun(FULL, true);
    for (const run of [dev, full, preview]) {
      assert.equal(run.status, 0, run.stderr + run.logs.join('\n'));
      assert.ok(run.registered.some(({ name }) => name === 'https'));
    }
    assert.equal(preview.registered.length, full.registered.length);
  });

  it('says what a month costs, and loudly whether tiles can be deleted', () => {
    for (const { logs } of [dev, full])
      assert.ok(logs.some((line) => line.includes('a month, before events and taxes')));
    assert.ok(dev.logs.some((line) => line.startsWith('RETENTION NOT LOCKED')));
    assert.ok(full.logs.some((line) => line.startsWith('RETENTION LOCKED')));
  });

  it('asks nothing of a service before every service is on', () => {
    const asked = full.registered.filter(({ type }) => type.startsWith('gcp:'));
    const services = asked.filter(({ type }) => type === 'gcp:projects/service:Service');
    assert.ok(services.length > 20);
    for (const { type, name, servicesPending } of asked.slice(services.length))
      assert.equal(servicesPending, 0, `${type} ${name}`);
    assert.deepEqual(asked.slice(0, services.length), services);
  });

  it('makes nothing before the right that it needs at once', () => {
    const after = (kind: string, wanted: string): readonly string[] =>
      full.registered.find(({ type, name }) => type.endsWith(`:${kind}`) && name === wanted)
        ?.after ?? [];
    const publishes = 'TopicIAMMember secretmanager-publishes';
    assert.ok(after('Secret', 'secret-keymaker').includes(publishes));
    assert.ok(after('Instance', 'redis').includes('Connection private-services'));
    const ingest = after('Function', 'function-ingest');
    for (const right of ['SecretIamMember ingest-redis-url', 'IAMMember build-writes-logs'])
      assert.ok(ingest.includes(right), right);
    const granted = after('Database', 'database').filter((one) => one.startsWith('CryptoKeyIAM'));
    assert.equal(granted.length, 7);
  });

  it('keeps the ledger and its key from `pulumi destroy`', () => {
    assert.deepEqual(kept(dev), LEDGER);
    assert.deepEqual(kept(full), [...LEDGER, 'CryptoKey key', 'KeyRing ring'].sort());
  });

  it('makes nothing when told to destroy the ledger once, or another’s', async () => {
    const other = { ...TOLD, 'vantio:destroyLedgerOf': 'another-project/vantio/vantio' };
    for (const config of [TOLD, other]) {
      const refused = await pulumiRun(config, false);
      assert.notEqual(refused.status, 0);
      assert.ok(refused.logs.some((line) => line.includes('example-project/vantio/vantio')));
      assert.deepEqual(
        refused.registered.filter(({ type }) => type.startsWith('gcp:')),
        [],
      );
    }
  });

  it('lets the ledger go when told twice', async () => {
    const told = await pulumiRun(
      { ...TOLD, 'vantio:destroyLedgerOf': 'example-project/vantio/vantio' },
      false,
    );
    assert.equal(told.status, 0, told.stderr);
    assert.deepEqual(kept(told), []);
  });

  it('never makes a database anew because migrations were added', () => {
    const database = dev.registered.find(({ type }) => type === 'gcp:spanner/database:Database');
    assert.deepEqual(database?.ignoreChanges, ['ddls']);
  });
});
