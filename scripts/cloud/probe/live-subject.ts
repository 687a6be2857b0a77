import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuthClient, GoogleAuth, Impersonated } from 'google-auth-library';
import type { ProbeOptions } from './options.ts';
import { readProbeKey } from './read-probe-key.ts';
import { openSpanner, type Spanner } from './spanner/open-spanner.ts';
import { type Actor, CannotActError, type Subject } from './subject.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const ROLES = new URL('../../../schema/spanner_roles.ddl', import.meta.url);

/** What infra/ calls what it makes. */
const NAMES = {
  database: 'instances/vantio/databases/vantio',
  ledger: 'vantio-ledger',
  deadLetter: 'vantio-dead-letter',
  deadLetterSubscription: 'vantio-dead-letter',
  connection: 'vantio-ledger',
} as const;

/** In tests: other credentials than the machine's, and another service that gives tokens of accounts. */
export type StandIns = { readonly auth?: GoogleAuth; readonly iamEndpoint?: string };

/** A deployed project, reached with the caller's own credentials, and as its service accounts through these. */
export function liveSubject(
  options: ProbeOptions,
  { auth = new GoogleAuth({ scopes: [SCOPE] }), iamEndpoint }: StandIns = {},
): {
  readonly subject: Subject;
  readonly close: () => Promise<void>;
} {
  const { project, region } = options;
  const database = `projects/${project}/${NAMES.database}`;
  const nameOf = (actor: Actor): string =>
    actor === 'owner' ? 'the owner' : `vantio-${actor}@${project}.iam.gserviceaccount.com`;

  const clientOf = remembered(async (actor: Actor): Promise<AuthClient> => {
    try {
      const sourceClient = await auth.getClient();
      if (actor === 'owner') {
        await sourceClient.getAccessToken();
        return sourceClient;
      }
      const client = new Impersonated({
        sourceClient,
        targetPrincipal: nameOf(actor),
        targetScopes: [SCOPE],
        lifetime: 3600,
        ...(iamEndpoint === undefined ? {} : { endpoint: iamEndpoint }),
      });
      // Here, so that a token that cannot be had is not taken for a refusal of the database's.
      await client.getAccessToken();
      return client;
    } catch (error) {
      throw new CannotActError(
        actor === 'owner'
          ? `no Application Default Credentials: run gcloud auth application-default login (${firstLine(error)})`
          : `no token as ${nameOf(actor)}: grant yourself roles/iam.serviceAccountTokenCreator on it, and wait two minutes (${firstLine(error)})`,
      );
    }
  });
  const opened: Spanner[] = [];
  const spannerAs = remembered(async (actor: Actor): Promise<Spanner> => {
    const client = await clientOf(actor);
    const spanner = openSpanner(database, {
      auth: new GoogleAuth({ authClient: client, projectId: project }),
      projectId: project,
    });
    opened.push(spanner);
    return spanner;
  });
  const topic = (name: string): string => `projects/${project}/topics/${name}`;

  return {
    subject: {
      rolesDdl: readFileSync(ROLES, 'utf8'),
      nameOf,
      spannerAs,
      apiKey: readProbeKey(resolve(process.env.VANTIO_CALLED_FROM ?? '.', options.keyFile)),
      url: options.url,
      pubsub: async () => {
        const { PubSub } = await import('@google-cloud/pubsub');
        const authClient = await clientOf('owner');
        return new PubSub({ projectId: project, auth: new GoogleAuth({ authClient }) });
      },
      topics: { ledger: topic(NAMES.ledger), deadLetter: topic(NAMES.deadLetter) },
      deadLetterSubscription: `projects/${project}/subscriptions/${NAMES.deadLetterSubscription}`,
      bigQuery: async () => {
        const { BigQuery } = await import('@google-cloud/bigquery');
        return new BigQuery({ projectId: project, authClient: await clientOf('compliance') });
      },
      connection: { project, location: region, connection: NAMES.connection },
      operatorTenant: options.operatorTenant,
      requestsPerMinute: options.requestsPerMinute,
      patience: options.patienceSeconds * 1000,
      sleep,
    },
    close: async () => {
      await Promise.allSettled(opened.map((spanner) => spanner.close()));
    },
  };
}

/** Each actor once: a token and a connection are used for all that it asks. */
function remembered<T>(make: (actor: Actor) => Promise<T>): (actor: Actor) => Promise<T> {
  const made = new Map<Actor, Promise<T>>();
  return (actor) => {
    const known = made.get(actor) ?? make(actor);
    made.set(actor, known);
    return known;
  };
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 160) ?? '';
