import type { BigQuery } from '@google-cloud/bigquery';
import type { PubSub } from '@google-cloud/pubsub';
import type { Connection } from '@vantio/schema/queries/bigquery';
import type { Spanner } from './spanner/open-spanner.ts';

/** Service accounts that infra/ makes for what runs, by what stands behind `vantio-` in their names. */
export const ACCOUNTS = [
  'config',
  'ingest',
  'writer',
  'sealer',
  'keymaker',
  'quota',
  'log',
  'compliance',
] as const;
export type Account = (typeof ACCOUNTS)[number];

/** Who asks: the person who runs the probe, or a service account that this person may act as. */
export type Actor = 'owner' | Account;

/** The one role of each account that has one (infra/PERMISSIONS.md). */
export const ROLE_OF: Readonly<Partial<Record<Account, string>>> = {
  config: 'spend_leaser',
  writer: 'ledger_writer',
  sealer: 'ledger_sealer',
  quota: 'quota_reader',
  log: 'log_reader',
  compliance: 'compliance_reader',
};

/** The owner has no token of an account. It says what would give one; nothing was asked of the account's rights. */
export class CannotActError extends Error {
  override readonly name = 'CannotActError';
  readonly code = 'cannot_act';
}

/** The project that is looked at, and how it is reached. */
export type Subject = {
  /** Text of schema/spanner_roles.ddl: what the project is held to. */
  readonly rolesDdl: string;
  /** In the report. */
  readonly nameOf: (actor: Actor) => string;
  /** @throws {CannotActError} */
  readonly spannerAs: (actor: Actor) => Promise<Spanner>;
  /** Of the throw-away tenant. */
  readonly apiKey: string;
  /** Origin of the endpoints, without a slash at its end. */
  readonly url: string;
  /** As the owner. */
  readonly pubsub: () => Promise<PubSub>;
  readonly topics: { readonly ledger: string; readonly deadLetter: string };
  /** Where dead letters wait for a person. */
  readonly deadLetterSubscription: string;
  /** As the compliance account. @throws {CannotActError} */
  readonly bigQuery: () => Promise<BigQuery>;
  readonly connection: Connection;
  /** Tenant of the control plane's own sessions. */
  readonly operatorTenant: string;
  /** Requests a minute that an API key may make. */
  readonly requestsPerMinute: number;
  /** Milliseconds to wait for a record or a dead letter. */
  readonly patience: number;
  readonly sleep: (millis: number) => Promise<void>;
};
