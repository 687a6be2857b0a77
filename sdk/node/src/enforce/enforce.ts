import { debug } from '../context/debug.ts';
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
  for (const [name, isLive] of Object.entries(live)) tellLive(name as ChokePoint, isLive);
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

function tellLive(name: ChokePoint, isLive: boolean): void {
  const capability = CHOKE_POINTS[name];
  // `vantio doctor` reads it.
  debug(`${capability} is ${isLive ? 'live' : 'not live'}`);
  const detail = { capability, coverage: isLive ? 'live' : 'not_observable' } as const;
  record({ type: 'coverage', at: now(), span: undefined, action: 'RECORDED', detail });
}
