import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { tellStderr } from '../../context/stderr.ts';
import { policyEngine } from '../engines.ts';
import { applyPolicy } from './apply-policy.ts';
import { tellPolicyState } from './policy-state.ts';

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Puts the policy of a file into force. A file that cannot be taken leaves the program running, observed only: its
 * operator is told why, once, and so is whoever reads the records.
 */
export function applyPolicyFile(path: string): void {
  try {
    const text = readBounded(path);
    const document = policyEngine().parsePolicy(text);
    applyPolicy(document);
    tellPolicyState('POLICY_APPLIED', {
      policy_version: document.version,
      policy_sha256: createHash('sha256').update(text).digest('hex'),
    });
  } catch (error) {
    const { code = 'unknown', message = '' } = error as { code?: string; message?: string };
    const isOurs = (error as Error).name === 'PolicyError';
    tellStderr(
      `VANTIO_POLICY_FILE cannot be taken, so calls are only observed: ${isOurs ? message : code}`,
    );
    tellPolicyState(isOurs ? 'POLICY_REJECTED' : 'POLICY_UNAVAILABLE', {
      reason_code: code.toLowerCase(),
    });
  }
}

function readBounded(path: string): string {
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).size > MAX_BYTES)
      throw Object.assign(new Error('too large'), { code: 'too_large' });
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
