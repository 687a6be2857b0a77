import * as assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { makeApiKey } from '../../../schema/src/api-key.ts';
import { WIRE_LIMITS } from '../../../schema/src/wire/limits.ts';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Inputs, type Program, runProgram } from '../testing/run-program.ts';

describe('the way in', () => {
  let dev: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
  });
  const armor = () => dev.one('compute/securityPolicy:SecurityPolicy', 'armor').inputs;
  const rule = (priority: number): Inputs =>
    armor().rules.find((one: Inputs) => one.priority === priority);

  it('is HTTPS only, TLS 1.2 at least, with a certificate for the domain', () => {
    const rules = dev.all('compute/globalForwardingRule:GlobalForwardingRule');
    assert.deepEqual(
      rules.map(({ inputs }) => inputs.portRange),
      ['443'],
    );
    const { profile, minTlsVersion } = dev.one('compute/sSLPolicy:SSLPolicy', 'tls').inputs;
    assert.deepEqual([profile, minTlsVersion], ['RESTRICTED', 'TLS_1_2']);
    const { managed } = dev.one(
      'compute/managedSslCertificate:ManagedSslCertificate',
      'certificate',
    ).inputs;
    assert.deepEqual(managed.domains, ['vantio.example.com']);
    const proxy = dev.one('compute/targetHttpsProxy:TargetHttpsProxy', 'proxy').inputs;
    assert.equal(proxy.sslPolicy, 'SSLPolicy/tls');
  });

  it('leads to the three functions, each behind Cloud Armor', () => {
    for (const name of ['config', 'ingest', 'log']) {
      const backend = dev.one('compute/backendService:BackendService', `backend-${name}`).inputs;
      assert.equal(backend.securityPolicy, 'SecurityPolicy/armor');
      assert.equal(backend.logConfig.requestHeaders, undefined);
      const group = dev.one(
        'compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup',
        `endpoints-${name}`,
      ).inputs;
      assert.equal(group.cloudRun.service, `vantio-${name}`);
    }
    const [api] = dev.one('compute/uRLMap:URLMap', 'routes').inputs.pathMatchers;
    assert.deepEqual(api.pathRules, [
      { paths: ['/api/v1/ingest'], service: 'BackendService/backend-ingest' },
      {
        paths: [
          '/api/v1/checkpoint',
          '/api/v1/checkpoints/*',
          '/api/v1/consistency/*',
          '/api/v1/cosignatures',
          '/api/v1/proof/*',
          '/api/v1/rotations/*',
          '/api/v1/tile/*',
        ],
        service: 'BackendService/backend-log',
      },
    ]);
    assert.equal(api.defaultService, 'BackendService/backend-config');
  });

  it('refuses a body larger than the functions take, or of unknown length', () => {
    assert.equal(rule(1000).action, 'deny(403)');
    assert.ok(rule(1000).match.expr.expression.endsWith(`> ${WIRE_LIMITS.wireBytes}`));
    assert.equal(rule(1100).action, 'deny(403)');
  });

  it('refuses a coded body before the framework inflates it', () => {
    assert.equal(rule(1200).action, 'deny(403)');
    assert.equal(rule(1200).match.expr.expression, "has(request.headers['content-encoding'])");
  });

  it('throttles by API key, and by address where there is none', () => {
    const { enforceOnKey, enforceOnKeyName, exceedAction, rateLimitThreshold } =
      rule(2000).rateLimitOptions;
    assert.deepEqual([enforceOnKey, enforceOnKeyName], ['HTTP_HEADER', 'authorization']);
    assert.equal(exceedAction, 'deny(429)');
    assert.ok(rateLimitThreshold.count > 1200, 'the functions’ own limit comes first');
    assert.equal(rule(2100).rateLimitOptions.enforceOnKey, 'IP');
    assert.equal(rule(2100).match.expr.expression, `!${rule(2000).match.expr.expression}`);
  });

  it('tells keys apart by the part of the header that Cloud Armor looks at', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const claims = { tenantId: 'a'.repeat(63), plan: 'free' } as const;
    const seen = () => `Bearer ${makeApiKey(claims, privateKey)}`.slice(0, 128);
    assert.notEqual(seen(), seen());
    assert.match(seen(), /^Bearer vk1\.a{63}\.[0-9a-f]{16}\./);
  });

  it('refuses what no rule could judge', () => {
    const last = armor().rules.at(-1);
    assert.equal(last.priority, 2 ** 31 - 1);
    assert.equal(last.action, 'deny(403)');
  });

  it('gets its name where a zone is given', async () => {
    assert.deepEqual(dev.all('dns/recordSet:RecordSet'), []);
    const { inputs } = (await runProgram(FULL)).one('dns/recordSet:RecordSet', 'name');
    assert.deepEqual([inputs.name, inputs.rrdatas], ['vantio.example.com.', ['203.0.113.7']]);
  });
});
