import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeBundles } from './bundles.ts';
import { CONFIG, FULL } from './config.ts';

const TOP = fileURLToPath(new URL('../../..', import.meta.url));
/** Google is not asked which regions there are. */
const OWN = { 'gcp:skipRegionValidation': 'true' };
const PACK = 'infra/policy';
const STACK = `preview-test-${process.pid}`;

const pulumi = (backend: string, ...args: readonly string[]) =>
  spawnSync('pulumi', [...args, '--non-interactive', '--color', 'never'], {
    cwd: TOP,
    encoding: 'utf8',
    env: {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: 'preview',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      // Nobody's: the preview of an empty stack asks Google for nothing, but the provider wants some credential.
      GOOGLE_OAUTH_ACCESS_TOKEN: 'none',
    },
  });

/** Why the CLI cannot be used here, or false. */
function reasonToSkip(): string | false {
  if (pulumi(tmpdir(), 'version').error)
    return 'no Pulumi CLI on the PATH: https://www.pulumi.com/docs/install/';
  const { status, stderr } = pulumi(
    tmpdir(),
    'plugin',
    'install',
    'resource',
    'gcp',
    lockedOf('gcp'),
  );
  return status === 0 ? false : `Pulumi's Google Cloud provider cannot be had: ${stderr.trim()}`;
}

function lockedOf(name: 'gcp' | 'pulumi'): string {
  const { packages } = JSON.parse(readFileSync(join(TOP, 'infra/package-lock.json'), 'utf8'));
  return packages[`node_modules/@pulumi/${name}`].version;
}

/** As a stack's file has it: lists, numbers and switches as such, the rest as text. */
function written(value: string): string {
  try {
    return typeof JSON.parse(value) === 'string' ? value : JSON.stringify(JSON.parse(value));
  } catch {
    return JSON.stringify(value);
  }
}

describe('the real CLI', { skip: reasonToSkip() }, () => {
  for (const [what, config, rules] of [
    ['the smallest', CONFIG, []],
    ['the fullest', FULL, ['--policy-pack-config', `${PACK}/cmek.json`]],
  ] as const)
    it(`previews ${what} configuration, under the policy pack`, () => {
      const backend = mkdtempSync(join(tmpdir(), 'vantio-preview-'));
      const file = join(TOP, `Pulumi.${STACK}.yaml`);
      try {
        const made = pulumi(backend, 'stack', 'init', STACK, '--no-select');
        assert.equal(made.status, 0, made.stderr);
        const lines = Object.entries({ ...config, ...OWN, 'vantio:bundles': makeBundles() })
          .map(([name, value]) => `  ${name}: ${written(value)}\n`)
          .join('');
        appendFileSync(file, `config:\n${lines}`);
        const { status, stdout, stderr } = pulumi(
          backend,
          ...['preview', '--stack', STACK, '--policy-pack', PACK, ...rules],
        );
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        assert.match(stdout, /gcp:spanner:Database +database +create/);
        assert.match(`${stdout}${stderr}`, /a month, before events and taxes/);
      } finally {
        rmSync(file, { force: true });
        rmSync(backend, { recursive: true });
      }
    });
});

describe('the hosted workflow', () => {
  it('previews with the CLI of the version that is locked here', () => {
    const workflow = readFileSync(join(TOP, '.github/workflows/test.yml'), 'utf8');
    assert.ok(workflow.includes(`--version ${lockedOf('pulumi')}`));
    assert.ok(workflow.includes('scripts/test infra'));
  });
});
