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
  const issue = mistyped(error.issues) ?? error.issues[0];
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
    const way = issue.errors.toSorted((a, b) => weight(deepest(b)) - weight(deepest(a)))[0] ?? [];
    const worst = mistyped(way) ?? deepest(way);
    if (worst !== undefined) return errorOf(worst, path, policy);
  }
  const says = saying(issue, valueAt(policy, path));
  return path.length === 0
    ? new PolicyError('bad_value', '', `the policy ${says}`)
    : new PolicyError('bad_value', pathText(path), says);
}

/** A mistyped name is why another is missing. */
const mistyped = (issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined =>
  issues.find(({ code }) => code === 'unrecognized_keys');

const deepest = (issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined =>
  issues.toSorted((a, b) => weight(b) - weight(a))[0];

const weight = (issue: z.core.$ZodIssue | undefined): number =>
  issue === undefined
    ? 0
    : issue.path.length * 2 + (issue.code === 'invalid_type' && issue.path.length === 0 ? 0 : 1);

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
        ? `is missing: it must be ${article(issue.expected)}`
        : `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return issue.origin === 'array'
        ? `may have at most ${issue.maximum} members`
        : `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`;
    case 'too_small':
      return issue.origin === 'array'
        ? `must have at least ${issue.minimum} member${issue.minimum === 1 ? '' : 's'}, or is left out`
        : `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters long' : ''}`;
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
