import type { PolicyDocument } from '@vantio/schema/policy/policy-document';
import { policyEngine } from '../engines.ts';
import { inForce } from '../in-force.ts';

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
  inForce.apply(compiled, {
    isClosed: next.on_unavailable === 'closed',
    judgesModels: next.models.allowed.length + next.models.blocked.length > 0,
  });
}

export function dropPolicy(): void {
  document = undefined;
  compiledFor = undefined;
  inForce.reset();
}
