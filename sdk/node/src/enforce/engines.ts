import type { Redaction } from '@vantio/schema/policy/compile-policy';
import type { Redactor } from '@vantio/schema/redact/redactor';
import type { Vault } from '@vantio/schema/redact/replace/vault';
import type { Restorer } from '@vantio/schema/redact/restore/restorer';
import type { Replacement } from '@vantio/schema/redact/settings';
import type * as policy from './policy-engine.ts';

export type PolicyEngine = typeof policy;
export type RedactEngine = {
  createRedactor(section: Redaction, replacement: Replacement): Redactor;
  createRestorer(vault: Vault): Restorer;
  createVault(): Vault;
};

declare const require: {
  (path: './policy.cjs'): PolicyEngine;
  (path: './redact.cjs'): RedactEngine;
};

/** What only an enforcing process pays for: files of their own beside the bundle. @throws when they are gone */
export const policyEngine = (): PolicyEngine => require('./policy.cjs');
export const redactEngine = (): RedactEngine => require('./redact.cjs');
