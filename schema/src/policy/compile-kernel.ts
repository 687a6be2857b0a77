import type { CompileOptions } from './compile-policy.ts';
import { type EgressQuery, egressDecider } from './decide-egress.ts';
import { withReason } from './decide-host.ts';
import { createPathTable, type PathRule, type PathTable } from './decide-path.ts';
import {
  ALLOW,
  type EgressDecision,
  type ExecDecision,
  type FileDecision,
  refuseBy,
} from './decision.ts';
import type { Holding } from './held-rule.ts';
import { kernelSection } from './kernel-section.ts';
import type { PolicyDocument } from './policy-document.ts';

/** Policy as the kernel agent holds enrolled workloads to it; the agent is held to this by sdk/vectors/policy.kernel.json. */
export type CompiledKernel = {
  decideEgress(query: EgressQuery): EgressDecision;
  decideExec(query: { readonly path: string }): ExecDecision;
  decideFile(query: { readonly path: string; readonly access: FileAccess }): FileDecision;
};
export type FileAccess = 'read' | 'write' | 'read_write' | 'path';

/** Without a section the kernel is held to the lists of hosts alone. */
const ABSENT = kernelSection.parse({ private_networks: 'allow', metadata_address: 'allow' });

export function compileKernel(
  policy: PolicyDocument,
  { unavailable = false }: CompileOptions = {},
): CompiledKernel {
  const kernel = policy.kernel ?? ABSENT;
  const byDefault = kernel.on_unavailable ?? policy.on_unavailable;
  const holding: Holding = { isUnavailable: unavailable, byDefault };
  const refuse = refuseBy(policy.mode, unavailable);
  const exec = {
    blocked: createPathTable(kernel.exec.blocked, 'kernel.exec.blocked', holding),
    allowed: createPathTable(kernel.exec.allowed, 'kernel.exec.allowed', holding),
  };
  const files = {
    blocked: createPathTable(kernel.files.blocked, 'kernel.files.blocked', holding),
    allowed: createPathTable(kernel.files.allowed, 'kernel.files.allowed', holding),
  };
  return {
    decideEgress: egressDecider(policy, kernel, { holding, refuse }),
    decideExec: ({ path }) => {
      const refused = refusedBy(exec, path, 'kernel.exec.allowed', 'The program');
      return refused === undefined ? ALLOW : refuse('EXEC', ...refused);
    },
    decideFile: ({ path, access }) => {
      const refused = refusedBy(files, path, 'kernel.files.allowed', 'The file', access);
      return refused === undefined ? ALLOW : refuse('FILE', ...refused);
    },
  };
}

type Lists = { readonly blocked: PathTable; readonly allowed: PathTable };

function refusedBy(
  { blocked, allowed }: Lists,
  path: string,
  list: string,
  what: string,
  access?: FileAccess,
): readonly [ruleId: string, reason: string] | undefined {
  const denying = blocked.find(path, (rule) => touches(rule, access));
  if (denying !== undefined)
    return [denying.ruleId, withReason(`${what} is blocked by policy`, denying)];
  return allowed.size === 0 || allowed.find(path, (rule) => permits(rule, access)) !== undefined
    ? undefined
    : [list, `${what} is not among those that policy allows.`];
}

/** A rule that blocks reading blocks an open for both. */
const touches = ({ access: own = 'any' }: PathRule, access: FileAccess | undefined): boolean =>
  own === 'any' || own === access || access === 'read_write';

/** A rule that allows reading does not allow an open for both; an open that asks for nothing (O_PATH) asks for no more than any. */
const permits = ({ access: own = 'any' }: PathRule, access: FileAccess | undefined): boolean =>
  own === 'any' || own === access || access === 'path';
