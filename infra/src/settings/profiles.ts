export type ProfileName = 'dev' | 'prod';

export type Capacity =
  | { readonly kind: 'fixed'; readonly processingUnits: number }
  | { readonly kind: 'autoscaled'; readonly minimum: number; readonly maximum: number };

export type Profile = {
  readonly spanner: {
    readonly edition: 'STANDARD' | 'ENTERPRISE';
    readonly capacity: Capacity;
  };
  readonly redis: { readonly tier: 'BASIC' | 'STANDARD_HA'; readonly memoryGb: number };
  /** Instances kept warm, and the most there may be. */
  readonly instances: Readonly<
    Record<'front' | 'writer', { readonly min: number; readonly max: number }>
  >;
  /** A locked retention can be lengthened and never shortened or taken back, by anybody. */
  readonly lockRetention: boolean;
  readonly tileRetentionDays: number;
  readonly logRetentionDays: number;
  readonly auditRetentionDays: number;
  /** Share of requests at the load balancer whose metadata is logged. */
  readonly balancerLogShare: number;
  readonly alertSeverity: 'WARNING' | 'CRITICAL';
};

/** What differs between a place to try things and one to rely on. Managed autoscaling needs Spanner's Enterprise edition. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  dev: {
    spanner: { edition: 'STANDARD', capacity: { kind: 'fixed', processingUnits: 100 } },
    redis: { tier: 'BASIC', memoryGb: 1 },
    instances: { front: { min: 0, max: 4 }, writer: { min: 0, max: 4 } },
    lockRetention: false,
    tileRetentionDays: 1,
    logRetentionDays: 30,
    auditRetentionDays: 30,
    balancerLogShare: 1,
    alertSeverity: 'WARNING',
  },
  prod: {
    spanner: {
      edition: 'ENTERPRISE',
      capacity: { kind: 'autoscaled', minimum: 1000, maximum: 10_000 },
    },
    redis: { tier: 'STANDARD_HA', memoryGb: 5 },
    instances: { front: { min: 2, max: 100 }, writer: { min: 1, max: 100 } },
    lockRetention: true,
    tileRetentionDays: 400,
    logRetentionDays: 90,
    auditRetentionDays: 400,
    balancerLogShare: 0.1,
    alertSeverity: 'CRITICAL',
  },
};
