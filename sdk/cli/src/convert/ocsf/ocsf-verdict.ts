import { type Fields, present } from './take-fields.ts';

const SEVERITIES = { info: 1, low: 2, medium: 3, high: 4, critical: 5 } as const;
const UNKNOWN = 0;
const ACTION = { allowed: 1, denied: 2, observed: 3, modified: 4 } as const;
const DISPOSITION = { allowed: 1, blocked: 2 } as const;
const [SUCCESS, FAILURE] = [1, 2];

/** What was done about it (profile `security_control`), how it ended, and how bad it is, if the reporter said so. */
export function verdictOf({ take, has }: Fields): object {
  const severity = take('severity');
  const outcome = take('outcome');
  return {
    severity_id: severity === undefined ? UNKNOWN : SEVERITIES[severity],
    ...actionOf(take('action_taken')),
    ...present({
      status_id: statusOf(outcome),
      // A timeout is no abort, though both are failures.
      status_detail: outcome,
      status_code: take('error_code'),
      firewall_rule: has('rule_id') ? { uid: take('rule_id') } : undefined,
    }),
  };
}

/** The exact word stands in `action`. What a dry run would have done was not done: it was observed. */
function actionOf(action: string): object {
  const named = (id: number, disposition?: number) => ({
    action_id: id,
    action,
    ...present({ disposition_id: disposition }),
  });
  if (action === 'ALLOWED') return named(ACTION.allowed, DISPOSITION.allowed);
  if (/^(BLOCKED|REFUSED)_/.test(action)) return named(ACTION.denied, DISPOSITION.blocked);
  if (action === 'REDACTED') return named(ACTION.modified);
  return named(ACTION.observed);
}

const statusOf = (outcome: string | undefined): number | undefined => {
  if (outcome === 'ok') return SUCCESS;
  return outcome !== undefined && ['error', 'aborted', 'timeout'].includes(outcome)
    ? FAILURE
    : undefined;
};
