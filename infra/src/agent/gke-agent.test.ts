import * as assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONFIG, FULL } from '../testing/config.ts';
import { runProgram } from '../testing/run-program.ts';

describe('the agent in GKE', () => {
  it('is off by default', async () => {
    const { made } = await runProgram(CONFIG);
    assert.deepEqual(
      made.filter(({ name }) => name.includes('agent-') && !/^(api|agent)-[a-z]+$/.test(name)),
      [],
    );
  });

  it('lets one account of Kubernetes read one secret', async () => {
    const { made, one } = await runProgram(FULL);
    const identity = one('serviceaccount/iAMMember:IAMMember', 'agent-workload-identity').inputs;
    assert.equal(identity.member, 'serviceAccount:example-project.svc.id.goog[vantio/agent]');
    assert.equal(identity.role, 'roles/iam.workloadIdentityUser');
    const may = made
      .filter(({ inputs }) => inputs.member?.startsWith('serviceAccount:vantio-agent@'))
      .map(({ inputs }) => [inputs.role, inputs.secretId]);
    assert.deepEqual(may, [
      ['roles/secretmanager.secretAccessor', 'projects/example-project/secrets/vantio-agent-key'],
    ]);
  });
});
