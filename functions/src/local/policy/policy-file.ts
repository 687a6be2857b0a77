import { readFileSync, statSync } from 'node:fs';
import { parsePolicy } from '@vantio/schema/policy/parse-policy';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { readEnvelope, wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { checkCustomPatterns } from '@vantio/schema/redact/check-custom-patterns';
import type { ServedPolicy } from '../../config/policy-of.ts';
import { served } from '../../config/served.ts';

/** What a file holds: a policy for every tenant, or a signed one for its own. */
export type PolicyFile = {
  /** Read anew when it changes. @throws {PolicyError} when it cannot be used. */
  of(tenantId: string): ServedPolicy | undefined;
};

type Held = {
  readonly wrap: (tenantId: string) => ServedPolicy | undefined;
  readonly version: number;
};

/**
 * Serves a policy from a file. A change that cannot be used is told once, and the last good one stays in force.
 * @throws {PolicyError} when the file cannot be used at the start.
 */
export function openPolicyFile(path: string, onFault: (message: string) => void): PolicyFile {
  let stamp = stampOf(path);
  let held = read(path);
  const look = (): void => {
    const now = stampOf(path);
    if (now === stamp) return;
    stamp = now;
    try {
      const next = read(path);
      if (next.version < held.version)
        throw new PolicyError(
          'rolled_back',
          'version',
          `is below ${held.version}, which was served`,
        );
      held = next;
    } catch (error) {
      const why = error instanceof Error ? error.message : 'it cannot be read';
      onFault(`the policy in ${path} is not taken, and version ${held.version} stays: ${why}`);
    }
  };
  return {
    of: (tenantId) => {
      look();
      return held.wrap(tenantId);
    },
  };
}

function read(path: string): Held {
  const text = textOf(path);
  if (isEnvelope(text)) {
    const envelope = readEnvelope(text.trimEnd());
    checkCustomPatterns(envelope.policy);
    const own = served(text.trimEnd(), envelope);
    const wrap = (tenantId: string) => (tenantId === envelope.tenantId ? own : undefined);
    return { wrap, version: envelope.policy.version };
  }
  const policy = parsePolicy(text);
  checkCustomPatterns(policy);
  const { version } = policy;
  const written: unknown = JSON.parse(text);
  const made = new Map<string, ServedPolicy>();
  return {
    version,
    wrap: (tenantId) => {
      const known = made.get(tenantId);
      if (known !== undefined) return known;
      const wrapped = wrapPolicy(written, tenantId);
      const one = served(wrapped, readEnvelope(wrapped));
      made.set(tenantId, one);
      return one;
    },
  };
}

const isEnvelope = (text: string): boolean => /^\s*\{"policy":/.test(text);

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new PolicyError('not_json', '', `the policy file ${path} cannot be read; check the path`);
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
