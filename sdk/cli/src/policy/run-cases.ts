import { compileKernel } from '@vantio/schema/policy/compile-kernel';
import { compilePolicy } from '@vantio/schema/policy/compile-policy';
import type { PolicyDocument } from '@vantio/schema/policy/policy-document';
import type { PolicyCase } from './policy-cases.ts';

export type CaseResult = {
  readonly name: string;
  readonly passed: boolean;
  /** What was decided, in the words of the file. */
  readonly got: string;
  readonly rule?: string;
};

/** Decides every case; `block` also stands for what a policy in dry run would have blocked. */
export function runCases(policy: PolicyDocument, cases: readonly PolicyCase[]): CaseResult[] {
  const compiled = {
    available: { policy: compilePolicy(policy), kernel: compileKernel(policy) },
    unavailable: {
      policy: compilePolicy(policy, { unavailable: true }),
      kernel: compileKernel(policy, { unavailable: true }),
    },
  };
  return cases.map((one, at) => {
    const by = one.unavailable === true ? compiled.unavailable : compiled.available;
    const decision = decide(one, by);
    const refused = decision.verdict === 'allow' ? undefined : decision;
    const got =
      refused !== undefined
        ? 'block'
        : decision.verdict === 'allow' && decision.needsAddresses === true
          ? 'ask_with_addresses'
          : 'allow';
    // Without addresses, `allow` is also what is allowed so far.
    const isExpected = got === one.expect || (one.expect === 'allow' && got !== 'block');
    const isByRule = one.rule === undefined || refused?.ruleId === one.rule;
    return {
      name: one.name ?? `case ${at + 1}`,
      passed: isExpected && isByRule,
      got,
      ...(refused === undefined ? {} : { rule: refused.ruleId }),
    };
  });
}

type Compiled = {
  readonly policy: ReturnType<typeof compilePolicy>;
  readonly kernel: ReturnType<typeof compileKernel>;
};

function decide(one: PolicyCase, { policy, kernel }: Compiled) {
  if (one.host !== undefined) return policy.decideHost({ ...one, host: one.host });
  if (one.unix !== undefined)
    return policy.decideUnixSocket({
      path: one.unix,
      ...(one.agent === undefined ? {} : { agent: one.agent }),
    });
  if (one.model !== undefined) return policy.decideModel({ ...one, model: one.model });
  if (one.tool !== undefined) return policy.decideTool({ ...one, tool: one.tool });
  if (one.exec !== undefined) return kernel.decideExec({ path: one.exec });
  if (one.file !== undefined)
    return kernel.decideFile({ path: one.file, access: one.access ?? 'read' });
  const { egress = '', protocol = 'tcp', port, names } = one;
  return kernel.decideEgress({ address: egress, protocol, port, names });
}
