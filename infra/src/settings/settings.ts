import type { Profile, ProfileName } from './profiles.ts';

export type TenantReader = { readonly tenant: string; readonly member: string };

/** What `pulumi config` said, checked. */
export type Settings = {
  readonly profileName: ProfileName;
  readonly profile: Profile;
  readonly projectId: string;
  readonly region: string;
  /** The host name that agents send to; its A record must point at the stack's `address`. */
  readonly domain: string;
  /** A Cloud DNS zone of this project to put the A record in, or empty. */
  readonly dnsZone: string;
  /** Raw Ed25519 public keys, 64 hex digits each: those that make API keys, and those of ingest. */
  readonly keySigners: readonly string[];
  readonly ingestSigners: readonly string[];
  /** What the names of all tenants' logs begin with. Changed, it makes other logs. */
  readonly logName: string;
  /** Raw Ed25519 public keys that the logs are and were signed with, 64 hex digits each, in the order in which they take over. */
  readonly logPublicKeys: readonly string[];
  /** A key version of Cloud KMS that signs, or empty: the secret `vantio-log-key` holds the key. */
  readonly logKmsKey: string;
  /** The key that takes over: `secret` for the one in `vantio-next-log-key`, a key version of Cloud KMS, or empty. */
  readonly nextLogKey: string;
  /** Of `logPublicKeys`, those that are not honoured any more. */
  readonly revokedLogKeys: readonly string[];
  /** Verifier keys of witnesses whose cosignatures are taken. */
  readonly witnesses: readonly string[];
  /** So many of them make a checkpoint a witnessed one. */
  readonly witnessQuorum: number;
  /** Customer-managed encryption with a key of this project. */
  readonly cmek: boolean;
  readonly alertEmail: string;
  /** The folder with one built folder for each function, as seen from `infra/`. */
  readonly bundles: string;
  /** Where runbooks are readable, without a slash at the end, or empty. */
  readonly runbookBase: string;
  readonly billingAccount: string;
  /** US dollars a month, or 0 for one and a half times the estimate. */
  readonly monthlyBudget: number;
  readonly tileRetentionDays: number;
  /** The tenant whose sessions the control plane itself writes. */
  readonly operatorTenant: string;
  /** Who may read the compliance views of one tenant, and of that one only. */
  readonly tenantReaders: readonly TenantReader[];
  /** IAM members who may ask the ledger anything that `compliance_reader` may, apply migrations, make API keys. */
  readonly auditors: readonly string[];
  readonly deployers: readonly string[];
  readonly exporters: readonly string[];
  readonly importers: readonly string[];
  readonly erasers: readonly string[];
  readonly policyPublishers: readonly string[];
  readonly deadLetterOperators: readonly string[];
  readonly keymakerOperators: readonly string[];
  /** `namespace/service-account` of the agent in GKE, or empty. */
  readonly gkeAgent: string;
  readonly ledger: 'kept' | 'to be destroyed';
};
