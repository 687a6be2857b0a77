import type * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../settings/settings.ts';

/**
 * What holds the ledger must outlive `pulumi destroy`: `protect` makes Pulumi refuse, and if somebody unprotects it in the
 * state, `retainOnDelete` makes Pulumi forget it rather than delete it.
 */
export const whileKept = ({ ledger }: Settings): pulumi.CustomResourceOptions => {
  const kept = ledger === 'kept';
  return { protect: kept, retainOnDelete: kept };
};
