/** Bundled as policy.cjs, which is loaded only where a policy is enforced: it brings zod. It keeps no state. */
export { compilePolicy } from '@vantio/schema/policy/compile-policy';
export { parsePolicy } from '@vantio/schema/policy/parse-policy';
export { PolicyError } from '@vantio/schema/policy/policy-error';
