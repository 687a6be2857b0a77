import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { type Context, component, LABELS, under } from '../context.ts';
import type { DataKey } from '../encryption/key.ts';
import { whileKept } from '../ledger/protection.ts';

export type Buckets = {
  /** Full tiles and `checkpoints/<size>`: written once, kept for as long as the retention says. */
  readonly settled: gcp.storage.Bucket;
  /** The moving `checkpoint` and partial tiles: overwritten as the tree grows. */
  readonly moving: gcp.storage.Bucket;
};

const DAY = 86_400;

export const makeBuckets = (context: Context, key: DataKey): Buckets =>
  component(context, 'tiles', (inner) => {
    const { settings } = inner;
    const common = {
      project: settings.projectId,
      location: settings.region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      forceDestroy: false,
      labels: LABELS,
      ...(key === undefined ? {} : { encryption: { defaultKmsKeyName: key } }),
    };
    const settled = new gcp.storage.Bucket(
      'settled',
      {
        ...common,
        name: `${settings.projectId}-vantio-tiles`,
        retentionPolicy: {
          isLocked: settings.profile.lockRetention,
          retentionPeriod: String(settings.tileRetentionDays * DAY),
        },
      },
      under(inner, whileKept(settings)),
    );
    const moving = new gcp.storage.Bucket(
      'moving',
      {
        ...common,
        name: `${settings.projectId}-vantio-tiles-moving`,
        softDeletePolicy: { retentionDurationSeconds: 7 * DAY },
      },
      under(inner, whileKept(settings)),
    );
    sayRetention(inner, settled);
    return { settled, moving };
  });

/** A lock cannot be undone and a missing lock protects nothing: either is said at every preview. */
function sayRetention({ settings }: Context, bucket: pulumi.Resource): void {
  const days = settings.tileRetentionDays;
  const message = settings.profile.lockRetention
    ? `RETENTION LOCKED: tiles stay for ${days} days, and nobody, Google included, can shorten this or delete the bucket before`
    : `RETENTION NOT LOCKED (profile ${settings.profileName}): whoever administers this project can delete tiles; do not rely on this ledger`;
  pulumi.log.warn(message, bucket);
}
