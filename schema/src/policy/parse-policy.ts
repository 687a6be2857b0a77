import type { z } from 'zod';
import { boundedName } from '../bounded-name.ts';
import { type PolicyDocument, policyDocumentSchema } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';

/** Bytes of a policy document, at most: room for a hundred thousand host rules. */
export const MAX_POLICY_BYTES = 4 * 1024 * 1024;

/**
 * Takes a policy document from text, which may be an attacker's.
 * @throws {PolicyError} naming the first member at fault.
 */
export function parsePolicy(text: string): PolicyDocument {
  if (text.length > MAX_POLICY_BYTES || Buffer.byteLength(text) > MAX_POLICY_BYTES)
    throw new PolicyError(
      'too_large',
      '',
      `the policy is larger than ${MAX_POLICY_BYTES} bytes: use suffixes and ranges in place of single hosts`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PolicyError('not_json', '', 'the policy is not JSON');
  }
  return checkPolicy(value);
}

/** @throws {PolicyError} */
export function checkPolicy(value: unknown): PolicyDocument {
  const { success, data, error } = policyDocumentSchema.safeParse(value);
  if (success) return data;
  // A mistyped name is why another is missing.
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0];
  throw issue === undefined
    ? new PolicyError('bad_value', '', 'the policy is not of its form')
    : errorOf(issue, [], value);
}

function errorOf(
  issue: z.core.$ZodIssue,
  above: readonly PropertyKey[],
  policy: unknown,
): PolicyError {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return new PolicyError(
      'unknown_key',
      pathText([...path, issue.keys[0] ?? '']),
      'is not a member of a policy: correct its name or take it out',
    );
  // Of the ways to write a rule, the one that fits best is where the fault goes deepest: an object is no mistyped string.
  if (issue.code === 'invalid_union') {
    const deepest = issue.errors.flat().sort((a, b) => weight(b) - weight(a))[0];
    if (deepest !== undefined) return errorOf(deepest, path, policy);
  }
  return new PolicyError('bad_value', pathText(path), saying(issue, valueAt(policy, path)));
}

const weight = (issue: z.core.$ZodIssue): number =>
  issue.path.length * 2 + (issue.code === 'invalid_type' && issue.path.length === 0 ? 0 : 1);

const valueAt = (policy: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce(
    (value, part) =>
      typeof value === 'object' && value !== null
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    policy,
  );

function saying(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? `is missing: it is ${article(issue.expected)}`
        : `is ${article(issue.expected)}`;
    case 'invalid_value':
      return `is one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return issue.origin === 'array'
        ? `has at most ${issue.maximum} members`
        : `is at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`;
    case 'too_small':
      return issue.origin === 'array'
        ? `has at least ${issue.minimum} member${issue.minimum === 1 ? '' : 's'}, or is left out`
        : `is at least ${issue.minimum}${issue.origin === 'string' ? ' characters long' : ''}`;
    default:
      return issue.message;
  }
}

const article = (type: string): string =>
  type === 'object' || type === 'int' || type === 'array'
    ? `an ${type === 'int' ? 'integer' : type}`
    : `a ${type}`;

/** `blocked_hosts[3].host`. Names of members are whatever a file says: bounded. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${boundedName(String(part))}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, 200);
