import type { PolicyDocument } from '@vantio/schema/policy/policy-document';
import { guard } from '../../context/guard.ts';
import { reviewers } from '../body/reviewer.ts';
import { policyEngine } from '../engines.ts';
import { inForce } from '../in-force.ts';
import { countEarly, forgetEarly } from '../spend/early-calls.ts';
import { usePurse } from '../spend/purse.ts';
import { spendReviewer } from '../spend/spend-reviewer.ts';

let document: PolicyDocument | undefined;
let compiledFor: boolean | undefined;

/** What getPolicy() and explain() tell of. */
export const currentDocument = (): PolicyDocument | undefined => document;

/** @param unavailable policy cannot be had any more: only the rules that are closed hold. */
export function applyPolicy(next: PolicyDocument, unavailable = false): void {
  if (next === document && compiledFor === unavailable) return;
  const compiled = policyEngine().compilePolicy(next, { unavailable });
  document = next;
  compiledFor = unavailable;
  if (compiled.spend) reviewers.add(spendReviewer);
  else reviewers.delete(spendReviewer);
  inForce.apply(compiled, {
    isClosed: next.on_unavailable === 'closed',
    judgesModels: next.models.allowed.length + next.models.blocked.length > 0,
  });
  guard('counting what went before policy came', countEarly)();
}

/** @returns when what was leased is given back. */
export function dropPolicy(): Promise<void> {
  document = undefined;
  compiledFor = undefined;
  reviewers.delete(spendReviewer);
  forgetEarly();
  inForce.reset();
  return usePurse(undefined);
}
