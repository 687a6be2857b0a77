import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../testing/config.ts';
import { NOW, type Program, runProgram } from '../testing/run-program.ts';
import { ROTATION_DAYS } from './rotation.ts';

describe('the secrets', () => {
  let dev: Program;
  let full: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    full = await runProgram(FULL);
  });
  const secret = (name: string) => dev.one('secretmanager/secret:Secret', `secret-${name}`);

  it('come due, and tell so to a topic that Secret Manager may publish to', () => {
    for (const name of ['keymaker', 'ingest-key', 'receipt-key', 'control-key']) {
      const { inputs, options } = secret(name);
      assert.equal(inputs.rotation.rotationPeriod, `${ROTATION_DAYS * 86_400}s`);
      const days = (Date.parse(inputs.rotation.nextRotationTime) - NOW.getTime()) / 86_400_000;
      assert.equal(days, ROTATION_DAYS);
      assert.deepEqual(inputs.topics, [{ name: 'Topic/rotation-topic' }]);
      assert.deepEqual(options.ignoreChanges, ['rotation.nextRotationTime']);
    }
    const { inputs } = dev.one('pubsub/topicIAMMember:TopicIAMMember', 'secretmanager-publishes');
    assert.match(inputs.member, /@gcp-sa-secretmanager\./);
  });

  it('get no value from Pulumi but the way to Redis, which is secret in its state', () => {
    const versions = dev.all('secretmanager/secretVersion:SecretVersion');
    assert.deepEqual(versions.map(({ inputs }) => inputs.secret.split('/').at(-1)).sort(), [
      'vantio-redis-ca',
      'vantio-redis-url',
    ]);
    const url = versions.find(({ name }) => name === 'redis-url-version');
    assert.equal(url?.inputs.secretData, 'rediss://default:redis-password@10.9.0.3:6378');
    for (const { secrets } of versions) assert.deepEqual(secrets, ['secretData']);
  });

  it('stay in the region, and can be had back for a day', () => {
    for (const { inputs } of [dev, full].flatMap(({ all }) => all('secretmanager/secret:Secret'))) {
      const [replica, ...more] = inputs.replication.userManaged.replicas;
      assert.equal(replica.location, 'europe-west1');
      assert.deepEqual(more, []);
    }
    assert.equal(secret('keymaker').inputs.versionDestroyTtl, '86400s');
  });
});

describe('Redis', () => {
  it('wants a password and speaks TLS in either profile, on a private address', async () => {
    for (const config of [CONFIG, FULL]) {
      const { inputs } = (await runProgram(config)).one('redis/instance:Instance', 'redis');
      assert.equal(inputs.authEnabled, true);
      assert.equal(inputs.transitEncryptionMode, 'SERVER_AUTHENTICATION');
      assert.equal(inputs.connectMode, 'PRIVATE_SERVICE_ACCESS');
      assert.equal(inputs.redisConfigs['maxmemory-policy'], 'noeviction');
    }
  });
});
