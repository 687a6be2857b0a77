import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';

describe('the network', () => {
  let dev: Program;
  let prod: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    prod = await runProgram(FULL);
  });

  it('has one subnetwork, whose flow logs name addresses and nothing more', () => {
    assert.equal(dev.one('compute/network:Network', 'network').inputs.autoCreateSubnetworks, false);
    assert.equal(dev.all('compute/subnetwork:Subnetwork').length, 1);
    const { logConfig } = dev.one('compute/subnetwork:Subnetwork', 'subnetwork').inputs;
    assert.equal(logConfig.metadata, 'EXCLUDE_ALL_METADATA');
  });

  it('reaches Redis from inside only, with a password and TLS, in either profile', () => {
    for (const program of [dev, prod]) {
      const redis = program.one('redis/instance:Instance', 'redis').inputs;
      assert.equal(redis.authEnabled, true);
      assert.equal(redis.transitEncryptionMode, 'SERVER_AUTHENTICATION');
      assert.equal(redis.connectMode, 'PRIVATE_SERVICE_ACCESS');
      assert.equal(redis.authorizedNetwork, 'Network/network');
    }
  });

  it('has a Redis that forgets no count to make room, and a second one in prod', () => {
    const redis = (program: Program) => program.one('redis/instance:Instance', 'redis').inputs;
    assert.deepEqual(redis(dev).redisConfigs, { 'maxmemory-policy': 'noeviction' });
    assert.deepEqual([redis(dev).tier, redis(prod).tier], ['BASIC', 'STANDARD_HA']);
  });
});
