import { parseArgs } from 'node:util';
import { PROBES, type ProbeName } from './finding.ts';

export type ProbeOptions = {
  readonly project: string;
  readonly region: string;
  readonly url: string;
  readonly keyFile: string;
  readonly only: readonly ProbeName[];
  readonly operatorTenant: string;
  readonly requestsPerMinute: number;
  readonly patienceSeconds: number;
  readonly json: boolean;
};

/** What was typed cannot be run. The message says what to type instead. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

export const USAGE = `usage: scripts/probe-live --project ID --region REGION --url https://HOST --key-file FILE [--only PROBE[,PROBE…]] [--json]

Asks a deployed control plane, as its owner, whether what Vantio promises of it holds, and says of each claim: proved,
refuted, or not measured. Run it after \`pulumi up\`, and after every change of rights.

  --project ID          the Google Cloud project
  --region REGION       gcp:region
  --url https://HOST    vantio:domain; http only on loopback
  --key-file FILE       an API key of a throw-away tenant, whose name must begin with "probe". Its records stay for good
  --only PROBES         some of: ${PROBES.join(', ')}
  --operator-tenant ID  vantio:operatorTenant (default: vantio)
  --rate-limit N        requests a minute of an API key (default: 100)
  --patience SECONDS    how long to wait for a record or a dead letter (default: 120)
  --json                print one JSON document, and nothing else

What is asked, in this order:
  insert-only  the writer's account inserts a session, and is refused to read, change, delete or replace anything, and DDL
  roles        every other database role can do what schema/spanner_roles.ddl grants it, and nothing else
  accounts     each service account has its one role, no other, no right without a role, and no right to give itself one
  end-to-end   a session sent over HTTP stands in the ledger with the same bytes; says after how many seconds
  dead-letter  a message that ingest did not sign is buried with its reason, and nothing of it is stored
  federated    each query of schema/queries brings the same rows through BigQuery as on Spanner
  rate-limit   the hundred-and-first request of a minute is refused, and says when to come again

You need Application Default Credentials (gcloud auth application-default login) of an owner of the project, the API
iamcredentials.googleapis.com switched on, and roles/iam.serviceAccountTokenCreator on the accounts vantio-config, -ingest,
-writer, -sealer, -keymaker, -log and -compliance. Take that role away afterwards: whoever has it can be them.

A refusal counts only if it is PERMISSION_DENIED and the owner's same request is understood. No request can change a row
that was there: rows are such as the database takes from nobody, keys name no row, DML is rolled back, and the one schema
change drops a table that does not exist. What stays: two sessions of the throw-away tenant, one dead letter, and what the
control plane records about it.

Exit codes: 0 everything asked for was proved; 1 something was refuted; 2 nothing was refuted, something was not measured;
64 wrong arguments; 69 no credentials, or a machine that lacks something.

Examples:
  $ scripts/probe-live --project acme-audit --region europe-west1 --url https://vantio.acme.example --key-file probe.key
  $ scripts/probe-live --only insert-only,accounts --json --project acme-audit --region europe-west1 \\
      --url https://vantio.acme.example --key-file probe.key > rights.json
`;

const FORMS = {
  project: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  region: /^[a-z]+-[a-z]+[0-9]+$/,
  tenant: /^[a-z0-9][a-z0-9_-]{0,62}$/,
} as const;

/** @throws {OptionError} naming the option. */
export function readOptions(args: readonly string[]): ProbeOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parsed(() =>
    parseArgs({
      args: [...args],
      options: {
        project: text,
        region: text,
        url: text,
        'key-file': text,
        only: { type: 'string', multiple: true },
        'operator-tenant': { type: 'string', default: 'vantio' },
        'rate-limit': { type: 'string', default: '100' },
        patience: { type: 'string', default: '120' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }),
  );
  if (values.help) return 'help';
  return {
    project: formed('--project', values.project, FORMS.project),
    region: formed('--region', values.region, FORMS.region),
    url: originOf(values.url),
    keyFile: values['key-file'] ?? missing('--key-file'),
    only: probesOf(values.only),
    operatorTenant: formed('--operator-tenant', values['operator-tenant'], FORMS.tenant),
    requestsPerMinute: count('--rate-limit', values['rate-limit']),
    patienceSeconds: count('--patience', values.patience),
    json: values.json,
  };
}

function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new OptionError((error as Error).message);
  }
}

const missing = (option: string): never => {
  throw new OptionError(`${option} is missing`);
};

function formed(option: string, value: string | undefined, form: RegExp): string {
  if (value === undefined) return missing(option);
  if (!form.test(value)) throw new OptionError(`${option} must match ${form.source}`);
  return value;
}

function originOf(value: string | undefined): string {
  const url = URL.parse(value ?? missing('--url'));
  const loopback = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost';
  if (!url || (url.protocol !== 'https:' && !(loopback && url.protocol === 'http:')))
    throw new OptionError('--url must be https://HOST');
  // The API key goes there: nothing but a host is taken, so that no path swallows it.
  if (url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw new OptionError('--url must be https://HOST, without a path');
  return url.origin;
}

function probesOf(given: readonly string[] | undefined): readonly ProbeName[] {
  if (given === undefined) return PROBES;
  const names = given.flatMap((list) => list.split(','));
  const unknown = names.find((name) => !(PROBES as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new OptionError(`--only: "${unknown}" is none of ${PROBES.join(', ')}`);
  return names as readonly ProbeName[];
}

function count(option: string, value: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(value)) throw new OptionError(`${option} must be a whole number`);
  return Number(value);
}
