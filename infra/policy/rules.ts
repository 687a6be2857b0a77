import type { Inputs } from '../src/testing/run-program.ts';
import { keysOf } from './encrypted.ts';

/** What is to be made, as the tests and Pulumi's engine both know it. */
export type Asked = { readonly type: string; readonly inputs: Inputs };

/** Something that no part of the program may do. */
export type Rule = {
  readonly code: string;
  readonly why: string;
  /** What breaks the rule in a resource, or undefined. */
  readonly faultOf: (resource: Asked) => string | undefined;
};

const PUBLIC_ENDPOINTS: ReadonlySet<string> = new Set([
  'vantio-config',
  'vantio-ingest',
  'vantio-log',
]);
/** What cannot be granted lower than on the project, and gives no access to data. */
const PROJECT_ROLES: ReadonlySet<string> = new Set([
  'roles/bigquery.jobUser',
  'roles/logging.logWriter',
]);
const SPANNER_ROLES: ReadonlySet<string> = new Set([
  'roles/spanner.databaseRoleUser',
  'roles/spanner.fineGrainedAccessUser',
]);
const ROLE_CONDITION =
  /^resource\.type == "spanner\.googleapis\.com\/DatabaseRole" && resource\.name\.endsWith\("\/databaseRoles\/[a-z_]+"\)$/;

const is = (resource: Asked, kind: string): boolean => resource.type.endsWith(`:${kind}`);
const texts = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
};

export const RULES: readonly Rule[] = [
  {
    code: 'public_member',
    why: 'only the public endpoints answer anybody, and only to be called',
    faultOf: (resource) => {
      const words = texts(resource.inputs);
      if (words.includes('allAuthenticatedUsers')) return 'allAuthenticatedUsers';
      if (!words.includes('allUsers')) return undefined;
      const { role, name } = resource.inputs;
      const endpoint = is(resource, 'ServiceIamMember') && PUBLIC_ENDPOINTS.has(name);
      return endpoint && role === 'roles/run.invoker' ? undefined : 'allUsers';
    },
  },
  {
    code: 'primitive_role',
    why: 'owner, editor and viewer hold thousands of rights',
    faultOf: ({ inputs }) => /^roles\/(owner|editor|viewer|browser)$/.exec(inputs.role)?.[0],
  },
  {
    code: 'wildcard',
    why: 'a right is given to somebody, by name, for something',
    faultOf: ({ inputs }) =>
      [inputs.member, ...(inputs.members ?? []), ...(inputs.permissions ?? [])].find((word) =>
        String(word).includes('*'),
      ),
  },
  {
    code: 'project_role',
    why: 'what can be granted on one thing is not granted on all of its kind',
    faultOf: (resource) =>
      is(resource, 'IAMMember') &&
      resource.type.startsWith('gcp:projects/') &&
      !PROJECT_ROLES.has(resource.inputs.role)
        ? resource.inputs.role
        : undefined,
  },
  {
    code: 'authoritative_iam',
    why: 'a binding or policy would take away what others were given',
    faultOf: ({ type }) => /I(AM|am)(Binding|Policy)$/.exec(type)?.[0],
  },
  {
    code: 'spanner_role',
    why: 'a runtime is one database role; no role of Spanner’s own reads or writes rows here',
    faultOf: (resource) => {
      const { role, condition } = resource.inputs;
      if (!is(resource, 'DatabaseIAMMember') || /\/vantioLedgerMigrator$/.test(role))
        return undefined;
      if (!SPANNER_ROLES.has(role)) return role;
      const needsCondition = role === 'roles/spanner.databaseRoleUser';
      return needsCondition && !ROLE_CONDITION.test(condition?.expression)
        ? 'condition'
        : undefined;
    },
  },
  {
    code: 'account_key',
    why: 'a downloaded key of an account is a password that nobody rotates',
    faultOf: (resource) =>
      resource.type.startsWith('gcp:serviceaccount/key:') ? 'Key' : undefined,
  },
  {
    code: 'open_bucket',
    why: 'no object is ever public, whatever somebody grants later',
    faultOf: (resource) =>
      is(resource, 'Bucket') &&
      !(
        resource.inputs.uniformBucketLevelAccess === true &&
        resource.inputs.publicAccessPrevention === 'enforced'
      )
        ? 'publicAccessPrevention'
        : undefined,
  },
  {
    code: 'open_function',
    why: 'nothing is reachable from the internet but through the load balancer',
    faultOf: (resource) =>
      is(resource, 'Function') &&
      resource.inputs.serviceConfig.ingressSettings === 'ALLOW_ALL' &&
      resource.inputs.name !== 'vantio-keymaker'
        ? 'ingressSettings'
        : undefined,
  },
  {
    code: 'default_account',
    why: 'the project’s default account may do nearly everything',
    faultOf: (resource) =>
      is(resource, 'Function') &&
      !/^vantio-[a-z]+@/.test(resource.inputs.serviceConfig.serviceAccountEmail)
        ? 'serviceAccountEmail'
        : undefined,
  },
];

/** Holds where customer-managed encryption was chosen. */
export const CMEK_RULE: Rule = {
  code: 'not_encrypted',
  why: 'what was chosen to be encrypted with the own key is',
  faultOf: (resource) =>
    keysOf(resource).every((key) =>
      /\/keyRings\/vantio\/cryptoKeys\/vantio-data$/.test(String(key)),
    )
      ? undefined
      : resource.type,
};
