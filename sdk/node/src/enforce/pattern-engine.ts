/** Bundled as patterns.cjs, which is loaded only where a policy has patterns of its own: it brings an engine for them. */
export { compileCustomPattern } from '@vantio/schema/redact/custom-pattern';
