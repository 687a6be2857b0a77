import * as assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { InfraError } from '../infra-error.ts';
import { makeBundles } from '../testing/bundles.ts';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Program, runProgram } from '../testing/run-program.ts';
import { readBundle } from './bundle.ts';
import { FUNCTION_NAMES, type FunctionName } from './catalog.ts';

describe('the functions', () => {
  let dev: Program;
  let prod: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    prod = await runProgram(FULL);
  });
  const fn = (program: Program, name: string) =>
    program.one('cloudfunctionsv2/function:Function', `function-${name}`).inputs;
  const service = (name: string, program = dev) => fn(program, name).serviceConfig;
  const secretsOf = (name: string, program = dev): readonly string[] =>
    program
      .all('secretmanager/secretIamMember:SecretIamMember')
      .filter(({ inputs }) => inputs.role === 'roles/secretmanager.secretAccessor')
      .filter(({ inputs }) => inputs.member.startsWith(`serviceAccount:vantio-${name}@`))
      .map(({ inputs }) => inputs.secretId.split('/').at(-1))
      .sort();

  const writers = (): readonly string[] =>
    dev
      .all('secretmanager/secretIamMember:SecretIamMember')
      .filter(({ inputs }) => inputs.role !== 'roles/secretmanager.secretAccessor')
      .map(({ inputs: { member, secretId, role } }) => {
        assert.equal(role, 'roles/secretmanager.secretVersionAdder');
        return `${/vantio-\w+/.exec(member)} adds to ${secretId.split('/').at(-1)}`;
      });

  it('run on Node 24, each as its own account and under its own name', () => {
    const accounts = FUNCTION_NAMES.map((name) => service(name).serviceAccountEmail);
    assert.equal(new Set(accounts).size, FUNCTION_NAMES.length);
    for (const name of FUNCTION_NAMES) {
      assert.equal(fn(dev, name).buildConfig.runtime, 'nodejs24');
      assert.equal(fn(dev, name).buildConfig.entryPoint, name);
      assert.match(fn(dev, name).buildConfig.serviceAccount, /vantio-build@/);
    }
  });

  it('are reached only through the load balancer, or from inside', () => {
    const ingress = (name: string, program = dev) => service(name, program).ingressSettings;
    for (const name of ['config', 'ingest', 'log'])
      assert.equal(ingress(name), 'ALLOW_INTERNAL_AND_GCLB');
    for (const name of ['writer', 'sealer', 'keymaker', 'quota'])
      assert.equal(ingress(name), 'ALLOW_INTERNAL_ONLY');
    assert.equal(ingress('keymaker', prod), 'ALLOW_ALL');
  });

  it('are called by whom they are for', () => {
    const callers = (program: Program, name: string) =>
      program
        .all('cloudrunv2/serviceIamMember:ServiceIamMember')
        .filter(({ inputs }) => inputs.name === `vantio-${name}`)
        .map(({ inputs }) => inputs.member.split('@')[0]);
    assert.deepEqual(callers(dev, 'config'), ['allUsers']);
    assert.deepEqual(callers(dev, 'ingest'), ['allUsers']);
    assert.deepEqual(callers(dev, 'writer'), ['serviceAccount:vantio-push']);
    assert.deepEqual(callers(dev, 'log'), ['allUsers']);
    assert.deepEqual(callers(dev, 'sealer'), [
      'serviceAccount:vantio-push',
      'serviceAccount:vantio-schedule',
    ]);
    assert.deepEqual(callers(dev, 'quota'), ['serviceAccount:vantio-schedule']);
    assert.deepEqual(callers(dev, 'keymaker'), []);
    assert.deepEqual(callers(prod, 'keymaker'), ['user:keys']);
  });

  it('are woken on time, as Scheduler’s own account, for the audience that they answer to', () => {
    for (const [job, name] of [
      ['seal', 'sealer'],
      ['sweep', 'sealer'],
      ['quota', 'quota'],
    ] as const) {
      const { inputs } = dev.one('cloudscheduler/job:Job', job);
      const { uri, oidcToken } = inputs.httpTarget;
      assert.equal(uri, `https://vantio-${name}-abc.a.run.app`);
      assert.match(oidcToken.serviceAccountEmail, /^vantio-schedule@/);
      assert.equal(
        oidcToken.audience,
        `https://europe-west1-example-project.cloudfunctions.net/vantio-${name}`,
      );
      const deadline = Number.parseInt(inputs.attemptDeadline, 10);
      assert.ok(deadline > service(name).timeoutSeconds);
    }
    assert.equal(dev.one('cloudscheduler/job:Job', 'quota').inputs.paused, undefined);
  });

  it('send everything through a network without a way into the internet', () => {
    for (const name of FUNCTION_NAMES) {
      assert.equal(service(name).directVpcEgress, 'VPC_EGRESS_ALL_TRAFFIC');
      assert.equal(service(name).directVpcNetworkInterfaces[0].subnetwork, 'vantio-functions');
    }
    assert.deepEqual(
      dev.made.filter(({ type }) => /routerNat|:Router$/.test(type)),
      [],
    );
    assert.equal(
      dev.one('compute/subnetwork:Subnetwork', 'subnetwork').inputs.privateIpGoogleAccess,
      true,
    );
  });

  it('may read their own secrets and no other', () => {
    const redis = ['vantio-redis-ca', 'vantio-redis-url'];
    assert.deepEqual(secretsOf('config'), [
      'vantio-control-key',
      'vantio-ingest-key',
      ...redis,
      'vantio-revocations',
    ]);
    assert.deepEqual(secretsOf('ingest'), [
      'vantio-control-key',
      'vantio-ingest-key',
      'vantio-receipt-key',
      ...redis,
      'vantio-revocations',
    ]);
    assert.deepEqual(secretsOf('writer'), []);
    assert.deepEqual(secretsOf('sealer'), ['vantio-log-key']);
    assert.deepEqual(secretsOf('sealer', prod), ['vantio-log-key', 'vantio-next-log-key']);
    assert.deepEqual(secretsOf('log'), [...redis, 'vantio-revocations']);
    assert.deepEqual(secretsOf('quota'), redis);
    assert.deepEqual(secretsOf('keymaker'), ['vantio-keymaker', 'vantio-revocations']);
    assert.deepEqual(writers(), ['vantio-keymaker adds to vantio-revocations']);
  });

  it('are told names, and no secret’s value', () => {
    assert.deepEqual(service('ingest').environmentVariables, {
      GOOGLE_CLOUD_PROJECT: 'example-project',
      NODE_EXTRA_CA_CERTS: '/etc/vantio/redis/ca.pem',
      NODE_OPTIONS: '--max-semi-space-size=2',
      VANTIO_CONTROL_KEY_SECRET: 'projects/example-project/secrets/vantio-control-key',
      VANTIO_INGEST_KEY_SECRET: 'projects/example-project/secrets/vantio-ingest-key',
      VANTIO_KEY_SIGNERS: 'aa'.repeat(32),
      VANTIO_LEDGER_TOPIC: 'projects/example-project/topics/vantio-ledger',
      VANTIO_LOG_NAME: 'vantio.example.com',
      VANTIO_LOG_PUBLIC_KEY: 'dd'.repeat(32),
      VANTIO_RECEIPT_KEY_SECRET: 'projects/example-project/secrets/vantio-receipt-key',
      VANTIO_REVOKED_LOG_KEYS: '',
      VANTIO_REVOCATIONS_SECRET: 'projects/example-project/secrets/vantio-revocations',
    });
    const { VANTIO_SPANNER_DATABASE, VANTIO_DATABASE_ROLE, VANTIO_INGEST_SIGNERS } =
      service('writer').environmentVariables;
    assert.equal(
      VANTIO_SPANNER_DATABASE,
      'projects/example-project/instances/vantio/databases/vantio',
    );
    assert.equal(VANTIO_DATABASE_ROLE, 'ledger_writer');
    assert.equal(VANTIO_INGEST_SIGNERS.split(',').length, 2);
    const everything = JSON.stringify(dev.all('cloudfunctionsv2/function:Function'));
    assert.ok(!everything.includes('redis-password'));
    const { key, secret } = service('ingest').secretEnvironmentVariables[0];
    assert.deepEqual([key, secret], ['REDIS_URL', 'vantio-redis-url']);
  });

  it('work on many requests at once where that is safe, and keep some warm in prod', () => {
    assert.ok(service('ingest').maxInstanceRequestConcurrency > 1);
    assert.equal(service('ingest').availableCpu, '1');
    assert.equal(service('ingest').minInstanceCount, 0);
    assert.ok(service('ingest', prod).minInstanceCount >= 2);
    for (const name of ['keymaker', 'quota']) assert.equal(service(name).maxInstanceCount, 1);
  });

  it('give the sealer the orders that it takes, and its key by name from where it is kept', () => {
    for (const [job, sweep] of [
      ['seal', 'newest'],
      ['sweep', 'all'],
    ] as const) {
      const { paused, httpTarget } = dev.one('cloudscheduler/job:Job', job).inputs;
      const order = JSON.parse(Buffer.from(httpTarget.body, 'base64').toString());
      assert.deepEqual(order, { sweep });
      assert.equal(httpTarget.headers['Content-Type'], 'application/json');
      assert.equal(paused, undefined);
    }
    const environment = (program: Program) => service('sealer', program).environmentVariables;
    const { VANTIO_LOG_KEY, VANTIO_LOG_NAME, VANTIO_SEAL_TOPIC } = environment(dev);
    assert.equal(VANTIO_LOG_KEY, 'projects/example-project/secrets/vantio-log-key');
    assert.equal(VANTIO_LOG_NAME, 'vantio.example.com');
    assert.match(service('log', prod).environmentVariables.VANTIO_WITNESSES, /,quorum 2$/);
    assert.equal(service('log').environmentVariables.VANTIO_WITNESSES, '');
    assert.equal(VANTIO_SEAL_TOPIC, 'projects/example-project/topics/vantio-seal');
    assert.equal(environment(dev).VANTIO_NEXT_LOG_KEY, '');
    assert.equal(
      environment(prod).VANTIO_NEXT_LOG_KEY,
      'projects/example-project/secrets/vantio-next-log-key',
    );
    assert.match(environment(prod).VANTIO_LOG_KEY, /\/cryptoKeys\/log\/cryptoKeyVersions\/1$/);
    const signs = (program: Program) =>
      program
        .all('kms/cryptoKeyIAMMember:CryptoKeyIAMMember')
        .filter(({ inputs }) => inputs.role === 'roles/cloudkms.signerVerifier')
        .map(({ inputs }) => [inputs.cryptoKeyId.split('/').at(-1), inputs.member.split('@')[0]]);
    assert.deepEqual(signs(dev), []);
    assert.deepEqual(signs(prod), [['log', 'serviceAccount:vantio-sealer']]);
  });

  it('are built by an account that reads sources, writes images and logs, and no more', () => {
    const grants = dev.made
      .filter(({ inputs }) => inputs.member?.startsWith('serviceAccount:vantio-build@'))
      .map(({ inputs }) => inputs.role);
    assert.deepEqual(grants.sort(), [
      'roles/artifactregistry.writer',
      'roles/logging.logWriter',
      'roles/storage.objectViewer',
    ]);
  });
});

describe('a bundle', () => {
  const sourceOf = async (bundles: string, name: FunctionName) =>
    (await runProgram(CONFIG, bundles)).one('storage/bucketObject:BucketObject', `source-${name}`)
      .inputs.name;

  it('is deployed again when its content changes, and only then', async () => {
    const bundles = makeBundles();
    const [writer, ingest] = [await sourceOf(bundles, 'writer'), await sourceOf(bundles, 'ingest')];
    assert.equal(await sourceOf(makeBundles(), 'writer'), writer);
    writeFileSync(join(bundles, 'writer', 'index.js'), 'export const writer = () => [];\n');
    assert.notEqual(await sourceOf(bundles, 'writer'), writer);
    assert.equal(await sourceOf(bundles, 'ingest'), ingest);
  });

  it('is another when a file is only renamed, or cut elsewhere', () => {
    const bundles = makeBundles();
    const before = readBundle(bundles, 'writer').sha256;
    writeFileSync(join(bundles, 'writer', 'empty.js'), '');
    assert.notEqual(readBundle(bundles, 'writer').sha256, before);
  });

  it('must be there', () => {
    assert.throws(
      () => readBundle('/nowhere', 'writer'),
      (error) => error instanceof InfraError && error.code === 'bundle_missing',
    );
  });
});
