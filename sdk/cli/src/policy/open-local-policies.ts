import { loadControlPlane } from '../commands/local-control-plane.ts';
import type { PolicyStore } from './policy-store.ts';

/** @throws {CliError} */
export async function openLocalPolicies(stateDir: string): Promise<PolicyStore> {
  const { listPolicies, publishPolicy } = await loadControlPlane();
  const of = (tenantId: string) =>
    listPolicies(stateDir).filter(({ envelope }) => envelope.tenantId === tenantId);
  return {
    list: async (tenantId) =>
      of(tenantId).map(({ envelope: { policy, sha256, signed }, publishedAt }) => ({
        version: policy.version,
        mode: policy.mode,
        published_at: publishedAt,
        policy_sha256: sha256,
        ...(signed === undefined ? {} : { signer_id: signed.signerId }),
      })),
    read: async (tenantId, version) =>
      of(tenantId).find(({ envelope }) => envelope.policy.version === version)?.text,
    publish: async (envelope) => {
      publishPolicy(stateDir, envelope);
    },
    close: async () => {},
  };
}
