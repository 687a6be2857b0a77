import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Context, component, LABELS, under } from '../context.ts';
import { whileKept } from '../ledger/protection.ts';
import type { ServiceAgents } from '../project/service-agents.ts';

/** The key's resource name, or undefined where Google's own keys encrypt. Given only once its users may use it. */
export type DataKey = pulumi.Output<string> | undefined;

const NINETY_DAYS = '7776000s';
/** A destroyed version can be restored for this long; with it goes everything it encrypted. */
const THIRTY_DAYS = '2592000s';

/** One key for everything at rest. It is protected as the ledger is: who destroys it destroys the ledger. */
export function makeDataKey(context: Context, agents: ServiceAgents): DataKey {
  if (!context.settings.cmek) return undefined;
  return component(context, 'encryption', (inner) => {
    const ring = new gcp.kms.KeyRing(
      'ring',
      { name: 'vantio', location: inner.settings.region, project: inner.settings.projectId },
      under(inner, whileKept(inner.settings)),
    );
    const key = new gcp.kms.CryptoKey(
      'key',
      {
        name: 'vantio-data',
        keyRing: ring.id,
        purpose: 'ENCRYPT_DECRYPT',
        rotationPeriod: NINETY_DAYS,
        destroyScheduledDuration: THIRTY_DAYS,
        labels: LABELS,
      },
      under(inner, whileKept(inner.settings)),
    );
    const grants = Object.entries(agents).map(
      ([service, member]) =>
        new gcp.kms.CryptoKeyIAMMember(
          `key-${service}`,
          { cryptoKeyId: key.id, role: 'roles/cloudkms.cryptoKeyEncrypterDecrypter', member },
          under(inner),
        ),
    );
    const granted = pulumi.all(grants.map((grant) => grant.id));
    return pulumi.all([key.id, granted]).apply(([id]) => id);
  });
}
