import { randomBytes } from 'node:crypto';
import { commitment, type Disclosure, type SealedRecord } from '@vantio/schema';
import type { Emitter } from './emitter.ts';

/** So many events of agents whose names are disclosed: `agent 0`, `agent 1`… */
export const namedEvents = (
  { event }: Emitter,
  count: number,
  more: Parameters<Emitter['event']>[0] = {},
): readonly SealedRecord[] =>
  Array.from({ length: count }, (_, at) => {
    const disclosure: Disclosure = {
      field: 'agent_name',
      salt: randomBytes(32).toString('hex'),
      value: `agent ${at}`,
    };
    return event({ ...more, agent_name_commit: commitment(disclosure) }, [disclosure]);
  });
