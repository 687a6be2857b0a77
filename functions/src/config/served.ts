import type { PolicyEnvelope } from '@vantio/schema/policy/signed-policy';
import type { ServedPolicy } from './policy-of.ts';

export const served = (text: string, { policy, sha256, signed }: PolicyEnvelope): ServedPolicy => ({
  envelope: text,
  sha256,
  version: policy.version,
  mode: policy.mode,
  ...(signed === undefined ? {} : { signerId: signed.signerId }),
});
