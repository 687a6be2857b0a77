import * as gcp from '@pulumi/gcp';
import { type Context, component, under } from '../context.ts';

/** One account for each thing that acts, so that a right is given to exactly one of them. */
const PURPOSES = {
  config: 'answers GET /api/v1/config',
  ingest: 'answers POST /api/v1/ingest and publishes what it checked',
  writer: 'inserts into the ledger and can do nothing else to it',
  sealer: 'orders what was committed and publishes tree heads',
  keymaker: 'makes API keys',
  log: 'answers the endpoints of the log, and reads all logs',
  quota: 'holds the counts of free tenants against the ledger, and can read no record',
  push: 'Pub/Sub calls the writer and the sealer as this account',
  schedule: 'Cloud Scheduler calls the sealer and quota as this account',
  compliance:
    'asks the ledger the compliance queries, on a schedule, for readers without a database role',
  build: 'builds the functions from their bundles',
  deploy: 'applies migrations to the ledger; nobody is it but those named in vantio:deployers',
} as const;

export type AccountName = keyof typeof PURPOSES;
export type Accounts = Readonly<Record<AccountName, gcp.serviceaccount.Account>>;

const NAMES = Object.keys(PURPOSES) as AccountName[];

export const makeAccounts = (context: Context): Accounts =>
  component(context, 'accounts', (inner) => {
    const made = NAMES.map((name) => [
      name,
      new gcp.serviceaccount.Account(
        `account-${name}`,
        {
          accountId: `vantio-${name}`,
          displayName: `Vantio ${name}`,
          description: PURPOSES[name],
          project: inner.settings.projectId,
        },
        under(inner),
      ),
    ]);
    return Object.fromEntries(made) as Accounts;
  });
