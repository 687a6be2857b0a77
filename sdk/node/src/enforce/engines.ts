import type * as enforcing from './enforce-engine.ts';
import type * as mcp from './mcp-engine.ts';
import type * as patterns from './pattern-engine.ts';
import type * as policy from './policy-engine.ts';
import type * as redact from './redact-engine.ts';
import type * as spend from './spend-engine.ts';

declare const require: {
  (path: './enforce.cjs'): typeof enforcing;
  (path: './policy.cjs'): typeof policy;
  (path: './redact.cjs'): typeof redact;
  (path: './patterns.cjs'): typeof patterns;
  (path: './spend.cjs'): typeof spend;
  (path: './mcp.cjs'): typeof mcp;
};

let loadedEnforcing: typeof enforcing | undefined;
let loadedPolicy: typeof policy | undefined;
let loadedRedact: typeof redact | undefined;
let loadedPatterns: typeof patterns | undefined;
let loadedSpend: typeof spend | undefined;
let loadedMcp: typeof mcp | undefined;

/** What only an enforcing process pays for: files of their own beside the bundle. @throws when they are gone */
export function enforceEngine(): typeof enforcing {
  loadedEnforcing ??= require('./enforce.cjs');
  return loadedEnforcing;
}

export function policyEngine(): typeof policy {
  loadedPolicy ??= require('./policy.cjs');
  return loadedPolicy;
}

export function redactEngine(): typeof redact {
  loadedRedact ??= require('./redact.cjs');
  return loadedRedact;
}

export function patternEngine(): typeof patterns {
  loadedPatterns ??= require('./patterns.cjs');
  return loadedPatterns;
}

export function spendEngine(): typeof spend {
  loadedSpend ??= require('./spend.cjs');
  return loadedSpend;
}

export function mcpEngine(): typeof mcp {
  loadedMcp ??= require('./mcp.cjs');
  return loadedMcp;
}
