import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { CONFIG, FULL } from '../src/testing/config.ts';
import { runProgram } from '../src/testing/run-program.ts';
import { type PolicyPackServer, servePolicyPack } from '../src/testing/serve-policy-pack.ts';
import { asked, BROKEN, OWN_KEY } from './broken-resources.ts';
import { CMEK_RULE, RULES } from './rules.ts';

/** What stands for a text that is not known before something is made. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

describe('the policy pack, in Pulumi’s runner and over its protocol', () => {
  let pack: PolicyPackServer;
  before(async () => {
    pack = await servePolicyPack();
  });
  after(() => pack.close());

  const findingsIn = async (config: Readonly<Record<string, string>>) => {
    const { made } = await runProgram(config);
    return (await Promise.all(made.map(pack.judge))).flat();
  };

  it('finds nothing in what the program makes, and asks for no own key', async () => {
    assert.deepEqual(await findingsIn(CONFIG), []);
  });

  for (const { code, why } of RULES)
    it(`stops what breaks ${code}`, async () => {
      const resources = BROKEN[code] ?? [];
      assert.ok(resources.length > 0);
      for (const resource of resources) {
        const found = (await pack.judge(resource)).find(({ policy }) => policy === code);
        assert.equal(found?.level, 'mandatory');
        assert.ok(found.says.endsWith(why), found.says);
      }
    });

  it('judges what is Google’s only', async () => {
    const inputs = { role: 'roles/owner', member: 'allUsers' };
    assert.deepEqual(await pack.judge({ type: 'vantio:index:Part', inputs }), []);
    assert.deepEqual(await pack.judge({ type: 'pulumi:providers:gcp', inputs }), []);
  });

  it('says of what is not known yet that it is not judged yet', async () => {
    const grant = { role: 'roles/logging.logWriter', member: UNKNOWN };
    const found = await pack.judge(asked('projects/iAMMember:IAMMember', grant));
    assert.deepEqual(
      found.map(({ level }) => level),
      found.map(() => 'advisory'),
    );
    assert.match(found[0]?.says ?? '', /can't run policy 'public_member'/);
  });

  it('asks for the own key under cmek.json', async () => {
    const wanted = JSON.parse(readFileSync(new URL('cmek.json', import.meta.url), 'utf8'));
    assert.deepEqual(wanted, { [CMEK_RULE.code]: 'mandatory' });
    await pack.enforce(CMEK_RULE.code);
    for (const resource of BROKEN[CMEK_RULE.code] ?? [])
      assert.ok((await pack.judge(resource)).some(({ policy }) => policy === CMEK_RULE.code));
    const topic = asked('pubsub/topic:Topic', { kmsKeyName: OWN_KEY });
    assert.deepEqual(await pack.judge(topic), []);
    assert.deepEqual(await findingsIn(FULL), []);
  });
});
