import { now } from '../context/main-realm.ts';
import { record } from '../record/queue.ts';
import { CHOKE_POINTS, type ChokePoint, guardChokePoints, type Live } from './choke-points.ts';
import type { PolicySource } from './config.ts';
import { dropPolicy } from './policy/apply-policy.ts';
import { followPolicy } from './policy/follow-policy.ts';
import { forgetProxies, learnProxies } from './proxies.ts';

export type Enforcement = {
  readonly live: Live;
  stop(): void;
};

/** Enforces the policy of a source until it is stopped: from here on what the runtime does is changed. */
export function enforce(source: PolicySource): Enforcement {
  learnProxies();
  const following = followPolicy(source);
  const { live, undo } = guardChokePoints();
  for (const [name, isLive] of Object.entries(live))
    record({
      type: 'coverage',
      at: now(),
      span: undefined,
      action: 'RECORDED',
      detail: {
        capability: CHOKE_POINTS[name as ChokePoint],
        coverage: isLive ? 'live' : 'not_observable',
      },
    });
  return {
    live,
    stop() {
      undo();
      following.stop();
      dropPolicy();
      forgetProxies();
    },
  };
}
