import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { refuse, sendRefusal } from '../../door/problem-response.ts';

/** The requests that an instance has not answered yet. */
export function createRequestsUnderWay() {
  const open = new Set<ServerResponse>();
  let ending = false;

  const sayLast = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('connection', 'close');
  };

  return {
    add: (response: ServerResponse): void => {
      open.add(response);
      response.once('close', () => open.delete(response));
      if (ending) sayLast(response);
    },
    count: (): number => open.size,
    /** From here on every answer says that its connection ends. */
    end: (): void => {
      ending = true;
      for (const response of open) sayLast(response);
    },
    answered: async (): Promise<void> => {
      for (const response of open) if (!response.closed) await once(response, 'close');
    },
    /** Tells those who still wait that nothing of theirs is acknowledged. */
    giveUp: (): void => {
      for (const response of open) sendRefusal(response, unfinished);
    },
  };
}

export type RequestsUnderWay = ReturnType<typeof createRequestsUnderWay>;

const unfinished = refuse(
  'overloaded',
  'this instance ends; nothing of this request is acknowledged, send it again after the seconds in Retry-After',
  {},
  { 'retry-after': '1' },
);
