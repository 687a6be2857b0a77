import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';
import { served, startControlPlane, TRUST } from './testing/control-plane.ts';
import { policyFile } from './testing/run-enforced.ts';

/** What enforcing calls: of Node's, of its own engines, of what these return, and of what one of them is given. */
const CALLS = [
  'node:fs:openSync',
  'node:fs:readFileSync',
  'node:fs:fstatSync',
  'node:fs:statSync',
  'node:fs:writeFileSync',
  'node:fs:renameSync',
  'node:fs:mkdirSync',
  'node:crypto:createHash',
  'node:crypto:hkdfSync',
  'node:crypto:randomBytes',
  'node:crypto:verify',
  'node:crypto:createHmac',
  'node:zlib:gunzipSync',
  'node:zlib:gzipSync',
  'node:http:request',
  'node:http:Agent',
  'node:net:isIP',
  'node:module:syncBuiltinESMExports',
  'node:diagnostics_channel:subscribe',
  'policy.cjs:parsePolicy',
  'policy.cjs:judgePolicy',
  'policy.cjs:policyPhase',
  'policy.cjs:readTrust',
  'policy.cjs:compilePolicy',
  'policy.cjs:compilePolicy.decideHost',
  'policy.cjs:compilePolicy.decideUnixSocket',
  'policy.cjs:compilePolicy.decideModel',
  'policy.cjs:compilePolicy.redaction.appliesTo',
  'policy.cjs:compilePolicy.decideTool',
  'policy.cjs:describePolicy',
  'policy.cjs:explainRefusal',
  'mcp.cjs:bothGuards',
  'mcp.cjs:mcpGuard',
  'mcp.cjs:mcpGuard.inspect',
  'mcp.cjs:guardMcp',
  'mcp.cjs:guardStdio',
  'enforce.cjs:enforce',
  'enforce.cjs:judgeTool',
  'core.cjs:shared.currentSpan',
  'core.cjs:shared.durationOf',
  'core.cjs:shared.fieldOf',
  'core.cjs:shared.guard',
  'core.cjs:shared.hostFields',
  'core.cjs:shared.judgeTool',
  'core.cjs:shared.now',
  'core.cjs:shared.record',
  'core.cjs:shared.targetOf',
  'redact.cjs:createRedactor',
  'redact.cjs:createRedactor.body',
  'redact.cjs:createVault',
  'redact.cjs:createVault.isEmpty',
  'redact.cjs:createRestorer',
  'redact.cjs:createRestorer.push',
  'redact.cjs:createRestorer.end',
  'patterns.cjs:compileCustomPattern',
  'patterns.cjs:compileCustomPattern.find',
  'spend.cjs:createProcessPurse',
  'spend.cjs:createProcessPurse.take',
  'spend.cjs:createLeasePurse',
  'spend.cjs:createLeasePurse.take',
  'spend.cjs:createLeasePurse.stop',
  'spend.cjs:createMeter',
  'spend.cjs:createMeter.used',
  'spend.cjs:createMeter.left',
  'spend.cjs:createMeter.reserve',
  'spend.cjs:windowAt',
  'spend.cjs:spendSubject',
  'spend.cjs:priceOf',
  'spend.cjs:estimate',
  'spend.cjs:mostOf',
  'spend.cjs:costOf',
  'spend.cjs:capFields',
] as const;

const POLICY = {
  v: 1,
  version: 1,
  blocked_hosts: ['10.0.0.0/8', 'blocked.example'],
  models: { blocked: ['model-x'] },
  spend: {
    caps: [
      { window: 'day', scope: 'agent', limit_microusd: 1e9 },
      { window: 'trace', scope: 'key', limit_microusd: 1e9, kind: 'soft' },
    ],
    prices: { m: { input: 1_000_000, output: 1_000_000 } },
  },
  tools: { blocked: ['tool-x'] },
};

type Result = {
  readonly results: readonly string[];
  readonly problems: readonly string[];
  readonly calls: number;
};

/** Called only where a call is refused: what fails then lets it go, or is no matter of the host's. */
const UNREFUSED = ['policy.cjs:PolicyError', 'spend.cjs:sentenceOf', 'spend.cjs:bucketId'];

test('every function of every engine is made to fail', () => {
  for (const engine of ['policy', 'redact', 'patterns', 'spend', 'mcp'])
    for (const [name, value] of Object.entries(engineOf(engine)))
      if (typeof value === 'function')
        assert.ok([...CALLS, ...UNREFUSED].includes(`${engine}.cjs:${name}`), `${engine} ${name}`);
});

const engineOf = (name: string): object =>
  createRequire(import.meta.url)(`../../dist/${name}.cjs`) as object;

for (const what of CALLS)
  test(`the host does not notice that ${what} fails`, { timeout: 60_000 }, async () => {
    const policy = (action: string) => ({
      ...POLICY,
      redact_pii: { entities: ['email'], action, custom: [{ id: 'code', pattern: 'EMP-[0-9]+' }] },
    });
    const plane = await startControlPlane(served(policy('hash')));
    const run = async (when: string, env: Readonly<Record<string, string>>): Promise<Result> => {
      const ran = await runAgent('enforced/faults.mjs', {
        args: [what, when],
        env: { VANTIO_API_KEY: newApiKey(), VANTIO_SPOOL_DIR: scratch(), ...env },
      });
      assert.equal(ran.code, 0, `${ran.stderr}`);
      return JSON.parse(ran.stdout) as Result;
    };
    const runs = await Promise.all([
      run('always', {
        VANTIO_POLICY_FILE: policyFile(policy('token')),
        VANTIO_INGEST_URL: plane.url,
      }),
      run('second', {
        VANTIO_POLICY_FILE: policyFile(policy('token')),
        VANTIO_OUTPUT_FILE: `${scratch()}/ledger.ndjson`,
      }),
      run('always', {
        VANTIO_CLOUD_INGEST: 'true',
        VANTIO_TRUST: TRUST,
        VANTIO_INGEST_URL: plane.url,
      }),
    ]);
    plane.close();
    assert.ok(
      runs.some(({ calls }) => calls > 0),
      'it is called at all',
    );
    for (const { results, problems } of runs) {
      assert.deepEqual(problems, []);
      assert.ok(results.length >= 12);
      assert.deepEqual(
        results.filter((result) => result !== 'ok'),
        [],
      );
    }
  });
