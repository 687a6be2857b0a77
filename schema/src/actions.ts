/**
 * Every value of `action_taken`. An action that changes what the agent does has a WOULD_ twin for dry runs, and every
 * error code an SDK throws is one of these words.
 */
export const CHANGING_ACTIONS = [
  'REDACTED',
  'BLOCKED_EGRESS',
  'BLOCKED_EXEC',
  'BLOCKED_FILE',
  'BLOCKED_HOST',
  'BLOCKED_MODEL',
  'BLOCKED_SPEND',
  'BLOCKED_TOOL',
  'BLOCKED_UNAVAILABLE',
  'BLOCKED_UNSCANNED',
] as const;

export const WOULD_ACTIONS = [
  'WOULD_REDACT',
  'WOULD_BLOCK_EGRESS',
  'WOULD_BLOCK_EXEC',
  'WOULD_BLOCK_FILE',
  'WOULD_BLOCK_HOST',
  'WOULD_BLOCK_MODEL',
  'WOULD_BLOCK_SPEND',
  'WOULD_BLOCK_TOOL',
  'WOULD_BLOCK_UNAVAILABLE',
  'WOULD_BLOCK_UNSCANNED',
] as const;

export const NOTING_ACTIONS = [
  'OBSERVED',
  'ALLOWED',
  'UNSCANNED',
  'FLAGGED_ANOMALY',
  'FLAGGED_SHADOW_AI',
  'FLAGGED_SPEND',
] as const;

export const POLICY_ACTIONS = [
  'POLICY_APPLIED',
  'POLICY_REJECTED',
  'POLICY_STALE',
  'POLICY_TRANSPORT_ONLY',
  'POLICY_UNAVAILABLE',
] as const;

export const CONTROL_ACTIONS = ['RECORDED', 'REFUSED_QUOTA', 'REFUSED_RATE', 'ERASED'] as const;

export const ACTIONS = [
  ...NOTING_ACTIONS,
  ...CHANGING_ACTIONS,
  ...WOULD_ACTIONS,
  ...POLICY_ACTIONS,
  ...CONTROL_ACTIONS,
] as const;

export type Action = (typeof ACTIONS)[number];
