import type { Random } from '../../testing/seeded-random.ts';
import { GRPC } from '../spanner/grpc-status.ts';
import type { Answer, GrpcProxy } from './grpc-proxy.ts';

const STATUSES = [
  GRPC.aborted,
  GRPC.unavailable,
  GRPC.deadlineExceeded,
  GRPC.resourceExhausted,
  GRPC.alreadyExists,
  13,
] as const;

/** Chance of a fault in a large call, and in a small one: of the parts of a bisect there are thousands. */
const [FAULTS, SMALL_FAULTS] = [0.2, 0.004] as const;
const SMALL_BYTES = 8000;

/** Calls, counted from the first, at which a process dies. */
export type Deaths = Readonly<Record<'before' | 'after', ReadonlySet<number>>>;

export type ChaosOptions = {
  readonly random: Random;
  readonly method: string;
  /** Of calls over 8,000 bytes. */
  readonly deaths: Deaths;
  /** Of all others. */
  readonly smallDeaths?: Deaths;
};

export type Happened = Record<string, number>;

/**
 * Bad luck for one method of a server, over all of the proxies that lead to it: calls are refused, or carried out and their
 * answers lost, and at some of them the process that made the call is killed.
 */
export function createChaos({ random, method, deaths, smallDeaths }: ChaosOptions) {
  const happened: Happened = {};
  const count = (what: string): void => {
    happened[what] = (happened[what] ?? 0) + 1;
  };
  const calls = { large: 0, small: 0 };
  let over = false;

  /** @param kill ends the process that calls through this proxy. */
  const haunt = (proxy: GrpcProxy, kill: () => void): void =>
    proxy.intercept(method, async ({ message }, forward): Promise<Answer> => {
      const size = message.length > SMALL_BYTES ? 'large' : 'small';
      const nth = calls[size]++;
      const fatal = size === 'large' ? deaths : smallDeaths;
      if (over) return forward();
      if (fatal?.before.has(nth)) {
        count(`killed before, ${size}`);
        kill();
        return { status: GRPC.unavailable };
      }
      if (fatal?.after.has(nth)) {
        const answer = await forward();
        count(`killed after, ${size}`);
        kill();
        return answer;
      }
      if (random.next() >= (size === 'large' ? FAULTS : SMALL_FAULTS)) return forward();
      const status = random.pick(STATUSES);
      // Of a lone row it would be a lie, and the writer could not tell.
      if (size === 'small' && status === GRPC.alreadyExists) return forward();
      const isLost = random.next() < 0.5;
      count(isLost ? 'lost' : 'refused');
      if (isLost) await forward();
      return { status };
    });

  return {
    haunt,
    happened: happened as Readonly<Happened>,
    /** From now on nothing goes wrong. */
    end: (): void => {
      over = true;
    },
  };
}
