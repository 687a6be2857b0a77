import { checkPolicy, MAX_POLICY_BYTES } from '@vantio/schema/policy/parse-policy';
import type { PolicyDocument } from '@vantio/schema/policy/policy-document';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { checkCustomPatterns } from '@vantio/schema/redact/check-custom-patterns';
import { CliError } from '../cli-error.ts';
import { readBounded } from '../ledger/read-bounded.ts';

/** Of an envelope: what stands around the policy. */
const AROUND = 4096;

/** @throws {CliError} */
export function readPolicyText(file: string): string {
  const bytes = readBounded(file, MAX_POLICY_BYTES + AROUND);
  if (bytes === undefined) throw new CliError(`${file} does not exist; check the path.`);
  if (bytes === 'over')
    throw new CliError(
      `${file} is larger than ${MAX_POLICY_BYTES} bytes; use suffixes and ranges in place of single hosts.`,
    );
  return bytes.toString('utf8');
}

/** @throws {CliError} naming the file and the member at fault. */
export function readPolicyDocument(file: string): PolicyDocument {
  try {
    const policy = checkPolicy(writtenPolicy(readPolicyText(file)));
    checkCustomPatterns(policy);
    return policy;
  } catch (error) {
    throw inFile(file, error);
  }
}

/** @throws {CliError} */
export function requireTenant(tenant: string): string {
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(tenant))
    throw new CliError(
      '--tenant wants 1 to 63 characters of a-z, 0-9, _ and -, and no _ or - at the start.',
    );
  return tenant;
}

/** Whether the text is that of a policy on its way: with its tenant, signed or not. */
export const isEnvelope = (text: string): boolean => isWrapped(JSON.parse(text));

const isWrapped = (value: unknown): value is { readonly policy: unknown } =>
  typeof value === 'object' && value !== null && 'policy' in value && 'tenant_id' in value;

/** The policy in a file as its author wrote it, without what stands around a signed one. */
export function writtenPolicy(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  return isWrapped(value) ? value.policy : value;
}

/** Says a fault of a policy with the file that it is in. */
export function inFile(file: string, error: unknown): unknown {
  if (error instanceof SyntaxError || (error instanceof PolicyError && error.code === 'not_json'))
    return new CliError(`${file} is not JSON; vantio policy lint names the line.`);
  if (error instanceof PolicyError) return new CliError(`${file}: ${error.message}.`);
  return error;
}
