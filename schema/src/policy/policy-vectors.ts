import { rawPublicKey } from '../session-signature.ts';
import { fixedKey } from '../vectors/fixed-keys.ts';
import { compileKernel } from './compile-kernel.ts';
import { compilePolicy } from './compile-policy.ts';
import type { Decision } from './decision.ts';
import { hostForm } from './host-form.ts';
import { ipText } from './ip-address.ts';
import { judgePolicy } from './judge-policy.ts';
import { parsePolicy } from './parse-policy.ts';
import { PolicyError } from './policy-error.ts';
import { readTrust } from './signed-policy.ts';
import {
  ACCEPTED,
  HOST_CASES,
  KERNEL_CASES,
  type PolicyCase,
  RAW_HOSTS,
  REJECTED,
  signedCases,
} from './vector-cases.ts';

/** The files of sdk/vectors/policy. What is decided is made here, checked in, and read by a person. */
export function policyVectorFiles(): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ['policy/documents.json', documentVectors()],
    ['policy/host-forms.json', RAW_HOSTS.map(formVector)],
    ['policy/hosts.json', HOST_CASES.map((each) => decided(each, decideHost))],
    ['policy/kernel.json', KERNEL_CASES.map((each) => decided(each, decideKernel))],
    ['policy/signed.json', signedVectors()],
  ]);
}

const documentVectors = () => ({
  accept: ACCEPTED.map(({ name, policy }) => ({
    name,
    policy: JSON.stringify(policy),
    filled: parsePolicy(JSON.stringify(policy)),
  })),
  reject: REJECTED.map(([name, policy]) => {
    const text = typeof policy === 'string' ? policy : JSON.stringify(policy);
    return { name, policy: text, ...faultOf(text) };
  }),
});

function faultOf(text: string): { readonly code: string; readonly path: string } {
  try {
    parsePolicy(text);
  } catch (error) {
    if (error instanceof PolicyError) return { code: error.code, path: error.path };
    throw error;
  }
  throw new TypeError(`a policy that should be refused is taken: ${text}`);
}

const formVector = (raw: string) => {
  const form = hostForm(raw);
  if (form === undefined) return { raw };
  return form.kind === 'name' ? { raw, name: form.name } : { raw, address: ipText(form.address) };
};

const decided = <Query>(
  { name, policy, unavailable = false, queries }: PolicyCase<Query>,
  decide: (policy: string, query: Query, unavailable: boolean) => Decision<never>,
) => {
  const text = JSON.stringify({ v: 1, version: 1, ...policy });
  return {
    name,
    policy: text,
    ...(unavailable ? { unavailable } : {}),
    decisions: queries.map((query) => {
      const decision = decide(text, query, unavailable);
      return decision.verdict === 'allow'
        ? { query, verdict: decision.verdict, needs_addresses: decision.needsAddresses }
        : { query, verdict: decision.verdict, action: decision.action, rule_id: decision.ruleId };
    }),
  };
};

const decideHost = (
  policy: string,
  query: (typeof HOST_CASES)[number]['queries'][number],
  unavailable: boolean,
) => compilePolicy(parsePolicy(policy), { unavailable }).decideHost(query) as Decision<never>;

function decideKernel(
  policy: string,
  query: (typeof KERNEL_CASES)[number]['queries'][number],
  unavailable: boolean,
): Decision<never> {
  const kernel = compileKernel(parsePolicy(policy), { unavailable });
  const decision =
    'exec' in query
      ? kernel.decideExec({ path: query.exec })
      : 'file' in query
        ? kernel.decideFile({ path: query.file, access: query.access })
        : kernel.decideEgress(query);
  return decision as Decision<never>;
}

function signedVectors() {
  const key = fixedKey('policy signer');
  const trust = rawPublicKey(key);
  return {
    trust,
    tenant_id: 'acme',
    envelopes: signedCases(key).map(({ name, envelope, pinned, last }) => {
      const judged = judgePolicy(envelope, {
        trust: pinned ? readTrust(trust) : [],
        tenantId: 'acme',
        last,
      });
      return {
        name,
        envelope,
        pinned,
        last,
        ...(judged.verdict === 'accepted'
          ? { trust: judged.trust, policy_sha256: judged.envelope.sha256 }
          : { code: judged.error.code }),
      };
    }),
  };
}
