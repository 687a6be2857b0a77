import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePolicy } from '@vantio/schema/policy/parse-policy';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { readTrust } from '@vantio/schema/policy/signed-policy';
import { systemCode } from '../cli-error.ts';
import { findPreload } from '../run/find-preload.ts';
import { type Check, check } from './check.ts';

/** Whether the environment asks for a policy, whether it can be trusted, and where this Node can be held to one. */
export function* checkPolicy(environment: NodeJS.ProcessEnv): Iterable<Check> {
  const { VANTIO_POLICY_FILE: file, VANTIO_CLOUD_INGEST: cloud, VANTIO_TRUST: trust } = environment;
  if (file) yield* policyFile(file);
  else if (cloud === 'true') yield* cloudPolicy(environment, trust ?? '');
  else if (!/^(?:|false|0|off|no)$/.test(cloud ?? '')) {
    yield check(
      'policy',
      'wrong',
      'VANTIO_CLOUD_INGEST is not "true": no policy is pulled, calls are only observed',
      'VANTIO_CLOUD_INGEST=true, in lower case',
    );
    return;
  } else {
    yield check(
      'policy',
      'absent',
      'none is asked for: calls are only observed',
      'vantio run --policy FILE, or VANTIO_CLOUD_INGEST=true',
    );
    return;
  }
  yield* chokePoints();
}

function* policyFile(file: string): Iterable<Check> {
  try {
    const { version, mode, spend } = parsePolicy(readFileSync(file, 'utf8'));
    yield check('policy', 'ok', `version ${version} of VANTIO_POLICY_FILE, mode ${mode}`);
    if ((spend?.caps.length ?? 0) > 0)
      yield check(
        'spend',
        'warn',
        'caps hold for each process and worker thread by itself; across processes they are unmeasured',
        'pull the policy from a control plane (VANTIO_CLOUD_INGEST=true), which leases budgets',
      );
  } catch (error) {
    const what = error instanceof PolicyError ? error.message : `unreadable (${systemCode(error)})`;
    yield check('policy', 'wrong', `VANTIO_POLICY_FILE: ${what}`, 'vantio policy lint FILE');
  }
}

function* cloudPolicy(environment: NodeJS.ProcessEnv, trust: string): Iterable<Check> {
  yield environment.VANTIO_API_KEY
    ? check('policy', 'ok', 'is pulled from the control plane')
    : check('policy', 'wrong', 'cannot be pulled without VANTIO_API_KEY', 'set it');
  try {
    const pins = readTrust(trust).length;
    yield pins > 0
      ? check('VANTIO_TRUST', 'ok', `pins ${pins === 1 ? 'one key' : `${pins} keys`}`)
      : check(
          'VANTIO_TRUST',
          'warn',
          'pins no key: transport only, whoever serves a policy wrote it',
          'pin the public key that policies are signed with',
        );
  } catch (error) {
    yield check('VANTIO_TRUST', 'wrong', (error as Error).message, 'vantio policy keygen');
  }
}

const LIVE = /^vantio: (enforce:\S+) is (live|not live)$/gm;

/** What a process of this Node replaces, as it says itself. */
function* chokePoints(): Iterable<Check> {
  const directory = mkdtempSync(join(tmpdir(), 'vantio-doctor-'));
  try {
    const policy = join(directory, 'policy.json');
    writeFileSync(policy, '{"v":1,"version":1}');
    const { stderr } = spawnSync(process.execPath, ['-e', '0'], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        NODE_OPTIONS: `--require=${JSON.stringify(findPreload('--require'))}`,
        VANTIO_POLICY_FILE: policy,
        VANTIO_DEBUG: '1',
      },
    });
    for (const [, name = '', state] of stderr.matchAll(LIVE))
      yield state === 'live'
        ? check(name, 'ok', 'live: replaced while a policy is enforced, put back by shutdown()')
        : check(name, 'warn', 'cannot be held to policy on this Node', 'run on a newer Node');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
