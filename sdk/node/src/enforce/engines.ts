import type * as patterns from './pattern-engine.ts';
import type * as policy from './policy-engine.ts';
import type * as redact from './redact-engine.ts';

declare const require: {
  (path: './policy.cjs'): typeof policy;
  (path: './redact.cjs'): typeof redact;
  (path: './patterns.cjs'): typeof patterns;
};

/** What only an enforcing process pays for: files of their own beside the bundle. @throws when they are gone */
export const policyEngine = (): typeof policy => require('./policy.cjs');
export const redactEngine = (): typeof redact => require('./redact.cjs');
export const patternEngine = (): typeof patterns => require('./patterns.cjs');
