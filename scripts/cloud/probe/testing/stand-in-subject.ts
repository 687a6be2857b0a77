import { readFileSync } from 'node:fs';
import { readGrants } from '../spanner/grants.ts';
import { openSpanner, type Spanner } from '../spanner/open-spanner.ts';
import { type Actor, CannotActError, type Subject } from '../subject.ts';
import { startSpannerStandIn } from './spanner-stand-in.ts';

const ROLES = new URL('../../../../schema/spanner_roles.ddl', import.meta.url);

/** A project in which Spanner is the emulator behind its stand-in; the rest is for a test to give. */
export async function startStandIn(
  database: string,
  given: Partial<Subject> & Pick<Subject, 'apiKey'>,
) {
  const rolesDdl = readFileSync(ROLES, 'utf8');
  const emulator = process.env.SPANNER_EMULATOR_HOST ?? '';
  const spanner = await startSpannerStandIn(emulator, readGrants(rolesDdl));
  const opened: Spanner[] = [];
  const unreachable = new Set<Actor>();
  const never = async (): Promise<never> => {
    throw new CannotActError('not in this test');
  };
  const subject: Subject = {
    rolesDdl,
    nameOf: (actor) => (actor === 'owner' ? 'the owner' : `vantio-${actor}`),
    spannerAs: async (actor) => {
      if (unreachable.has(actor)) throw new CannotActError(`no token as ${actor}`);
      const one = openSpanner(database, spanner.optionsFor(actor));
      opened.push(one);
      return one;
    },
    url: 'http://127.0.0.1:1',
    pubsub: never,
    topics: { ledger: '', deadLetter: '' },
    deadLetterSubscription: '',
    bigQuery: never,
    connection: { project: 'vantio-local', location: 'europe-west1', connection: 'vantio-ledger' },
    operatorTenant: 'vantio',
    requestsPerMinute: 100,
    patience: 20_000,
    sleep: (millis) => new Promise((resolve) => setTimeout(resolve, millis)),
    ...given,
  };
  return {
    subject,
    misbehave: spanner.misbehave,
    /** From now on the owner gets no token of these. */
    withhold: (...actors: readonly Actor[]) => {
      unreachable.clear();
      for (const actor of actors) unreachable.add(actor);
    },
    close: async () => {
      await Promise.allSettled(opened.map((one) => one.close()));
      spanner.close();
    },
  };
}
