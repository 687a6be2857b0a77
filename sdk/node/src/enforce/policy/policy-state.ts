import { debug } from '../../context/debug.ts';
import { now } from '../../context/main-realm.ts';
import type { Detail } from '../../record/observation.ts';
import { record } from '../../record/queue.ts';

type State =
  | 'POLICY_APPLIED'
  | 'POLICY_REJECTED'
  | 'POLICY_STALE'
  | 'POLICY_TRANSPORT_ONLY'
  | 'POLICY_UNAVAILABLE';

let last = '';

/** Records what policy this process is under, when that changes. */
export function tellPolicyState(
  action: State,
  detail: Pick<Detail, 'policy_version' | 'policy_sha256' | 'signer_id' | 'reason_code'>,
): void {
  const key = `${action} ${JSON.stringify(detail)}`;
  if (key === last) return;
  last = key;
  debug(`${action} ${detail.reason_code ?? ''}`.trimEnd());
  record({ type: 'policy_state', at: now(), span: undefined, action, detail });
}
