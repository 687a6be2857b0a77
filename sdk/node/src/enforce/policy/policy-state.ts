import { debug } from '../../context/debug.ts';
import { guard } from '../../context/guard.ts';
import { now } from '../../context/main-realm.ts';
import type { Detail } from '../../record/observation.ts';
import { record } from '../../record/queue.ts';

type State =
  | 'POLICY_APPLIED'
  | 'POLICY_REJECTED'
  | 'POLICY_STALE'
  | 'POLICY_TRANSPORT_ONLY'
  | 'POLICY_UNAVAILABLE';

type Told = Pick<Detail, 'policy_version' | 'policy_sha256' | 'signer_id' | 'reason_code'>;

const told = new Map<string, string>();
/** Of these one holds at a time; the others are told beside them. */
const PHASES: ReadonlySet<State> = new Set([
  'POLICY_APPLIED',
  'POLICY_STALE',
  'POLICY_UNAVAILABLE',
]);

/** Records what policy this process is under, when that changes. It never throws: who calls it may be telling of a fault. */
export const tellPolicyState = guard('telling of the policy', (action: State, detail: Told) => {
  const key = `${action} ${JSON.stringify(detail)}`;
  const place = PHASES.has(action) ? 'phase' : action;
  if (told.get(place) === key) return;
  told.set(place, key);
  debug(`${action} ${detail.reason_code ?? ''}`.trimEnd());
  record({ type: 'policy_state', at: now(), span: undefined, action, detail });
});
