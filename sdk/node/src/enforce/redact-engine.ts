/** Bundled as redact.cjs, which is loaded only where a policy redacts. It keeps no state. */
export { createRedactor } from '@vantio/schema/redact/create-redactor';
export { createVault } from '@vantio/schema/redact/replace/vault';
export { createRestorer } from '@vantio/schema/redact/restore/create-restorer';
