import type * as mcp from './mcp-engine.ts';
import type * as patterns from './pattern-engine.ts';
import type * as policy from './policy-engine.ts';
import type * as redact from './redact-engine.ts';
import type * as spend from './spend-engine.ts';

declare const require: {
  (path: './policy.cjs'): typeof policy;
  (path: './redact.cjs'): typeof redact;
  (path: './patterns.cjs'): typeof patterns;
  (path: './spend.cjs'): typeof spend;
  (path: './mcp.cjs'): typeof mcp;
};

/** What only an enforcing process pays for: files of their own beside the bundle. @throws when they are gone */
export const policyEngine = (): typeof policy => require('./policy.cjs');
export const redactEngine = (): typeof redact => require('./redact.cjs');
export const patternEngine = (): typeof patterns => require('./patterns.cjs');
export const mcpEngine = (): typeof mcp => require('./mcp.cjs');
export const spendEngine = (): typeof spend => require('./spend.cjs');
