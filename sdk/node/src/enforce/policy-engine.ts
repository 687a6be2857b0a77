/** Bundled as policy.cjs, which is loaded only where a policy is enforced: it brings zod. It keeps no state. */
export { compilePolicy } from '@vantio/schema/policy/compile-policy';
export { describePolicy, explainRefusal } from '@vantio/schema/policy/explain';
export { judgePolicy, policyPhase } from '@vantio/schema/policy/judge-policy';
export { MAX_POLICY_BYTES, parsePolicy } from '@vantio/schema/policy/parse-policy';
export { PolicyError } from '@vantio/schema/policy/policy-error';
export { readTrust } from '@vantio/schema/policy/signed-policy';
