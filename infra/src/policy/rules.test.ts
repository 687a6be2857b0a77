import * as assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../testing/config.ts';
import { type Inputs, type Made, type Program, runProgram } from '../testing/run-program.ts';
import { CMEK_RULE, RULES, type Rule } from './rules.ts';

const faults = ({ made }: Program, rules: readonly Rule[]): readonly string[] =>
  made.flatMap((resource) =>
    rules.flatMap(({ code, faultOf }) => {
      const fault = faultOf(resource);
      return fault === undefined ? [] : [`${code}: ${resource.type} ${resource.name}: ${fault}`];
    }),
  );

describe('policy over every resource', () => {
  let dev: Program;
  let full: Program;
  before(async () => {
    dev = await runProgram(CONFIG);
    full = await runProgram(FULL);
  });

  it('is kept', () => {
    assert.deepEqual(faults(dev, RULES), []);
    assert.deepEqual(faults(full, [...RULES, CMEK_RULE]), []);
  });

  it('sees that nothing is encrypted with an own key where none was chosen', () => {
    assert.ok(faults(dev, [CMEK_RULE]).length > 10);
  });

  it('finds exactly three public endpoints', () => {
    const open = full.made.filter(({ inputs }) => inputs.member === 'allUsers');
    assert.deepEqual(open.map(({ inputs }) => inputs.name).sort(), [
      'vantio-config',
      'vantio-ingest',
      'vantio-log',
    ]);
  });
});

describe('each rule', () => {
  const member = (inputs: Inputs, type = 'projects/iAMMember:IAMMember') => made(type, inputs);
  const database = (inputs: Inputs) => made('spanner/databaseIAMMember:DatabaseIAMMember', inputs);
  const bucket = (inputs: Inputs) => made('storage/bucket:Bucket', inputs);
  const fn = (name: string, serviceConfig: Inputs) =>
    made('cloudfunctionsv2/function:Function', { name, serviceConfig });
  const own = { serviceAccountEmail: 'vantio-writer@example-project.iam.gserviceaccount.com' };
  const invoker = (name: string) => ({ name, member: 'allUsers', role: 'roles/run.invoker' });

  const broken: Readonly<Record<string, readonly Made[]>> = {
    public_member: [
      member({ member: 'allAuthenticatedUsers', role: 'roles/logging.logWriter' }),
      member(invoker('vantio-writer'), 'cloudrunv2/serviceIamMember:ServiceIamMember'),
      bucket({ accesses: [{ role: 'READER', members: ['allUsers'] }] }),
    ],
    primitive_role: [member({ member: 'user:a@example.com', role: 'roles/editor' })],
    wildcard: [
      member({ member: 'principalSet://iam/pool/*', role: 'roles/logging.logWriter' }),
      made('projects/iAMCustomRole:IAMCustomRole', { permissions: ['spanner.databases.*'] }),
    ],
    project_role: [member({ member: 'user:a@example.com', role: 'roles/spanner.databaseUser' })],
    authoritative_iam: [
      made('projects/iAMBinding:IAMBinding', {}),
      made('storage/bucketIAMPolicy:BucketIAMPolicy', {}),
    ],
    spanner_role: [
      database({ role: 'roles/spanner.databaseUser' }),
      database({ role: 'roles/spanner.databaseRoleUser' }),
      database({ role: 'roles/spanner.databaseRoleUser', condition: { expression: 'true' } }),
    ],
    account_key: [made('serviceaccount/key:Key', {})],
    open_bucket: [
      bucket({ uniformBucketLevelAccess: true, publicAccessPrevention: 'inherited' }),
      bucket({ publicAccessPrevention: 'enforced' }),
    ],
    open_function: [fn('vantio-writer', { ...own, ingressSettings: 'ALLOW_ALL' })],
    default_account: [fn('vantio-writer', { serviceAccountEmail: '123-compute@developer' })],
  };

  for (const { code, why, faultOf } of RULES)
    it(`${code}: ${why}`, () => {
      const resources = broken[code] ?? [];
      assert.ok(resources.length > 0);
      for (const resource of resources) assert.notEqual(faultOf(resource), undefined);
    });

  it(`${CMEK_RULE.code}: ${CMEK_RULE.why}`, () => {
    const replicas = [
      { location: 'a', customerManagedEncryption: { kmsKeyName: 'CryptoKey/key' } },
      { location: 'b' },
    ];
    const secret = made('secretmanager/secret:Secret', {
      replication: { userManaged: { replicas } },
    });
    assert.notEqual(CMEK_RULE.faultOf(secret), undefined);
    assert.notEqual(CMEK_RULE.faultOf(made('pubsub/topic:Topic', {})), undefined);
    assert.equal(
      CMEK_RULE.faultOf(made('pubsub/topic:Topic', { kmsKeyName: 'CryptoKey/key' })),
      undefined,
    );
  });
});

function made(type: string, inputs: Inputs): Made {
  return { type: `gcp:${type}`, name: 'a', inputs, secrets: [], options: {} };
}
