import type { HttpFunction } from '@google-cloud/functions-framework';
import { formatList, LIST, readSealRequest } from './seal-request.ts';
import type { Sealed } from './seal-tenant.ts';
import type { Sweep } from './sequence.ts';

export type SealerOptions = {
  readonly tenants: (sweep: Sweep) => AsyncIterable<string>;
  readonly sealTenant: (tenantId: string, sweep: Sweep) => Promise<Sealed>;
  /** Hands a list to an instance; resolves when it will not be lost. */
  readonly fanOut: (list: string) => Promise<void>;
  readonly onSealed: (done: SealedList) => void;
  readonly onFault: (tenantId: string | undefined, error: unknown) => void;
};

export type SealedList = {
  readonly sealed: number;
  readonly added: number;
  readonly copied: number;
  readonly failed: number;
};

/** Tenants of a list that are worked on at one time: most of it is waiting for the database. */
export const AT_ONCE = 4;

/**
 * `sealer`: Scheduler has it find the tenants that are due, which it hands out in lists; Pub/Sub brings it a list, which it
 * seals. One tenant that fails does not stop the others; the list is 500 then, and Pub/Sub brings it again.
 */
export function createSealer(options: SealerOptions): HttpFunction {
  const { tenants, sealTenant, fanOut, onSealed, onFault } = options;

  const find = async (sweep: Sweep) => {
    let found = 0;
    let list: string[] = [];
    const send = async (): Promise<void> => {
      if (list.length > 0) await fanOut(formatList(list, sweep));
      list = [];
    };
    for await (const tenantId of tenants(sweep)) {
      found++;
      list.push(tenantId);
      if (list.length === LIST) await send();
    }
    await send();
    return { tenants: found };
  };

  const seal = async (tenantIds: readonly string[], sweep: Sweep): Promise<SealedList> => {
    const done = { sealed: 0, added: 0, copied: 0, failed: 0 };
    const left = [...new Set(tenantIds)];
    const work = async (): Promise<void> => {
      for (let tenantId = left.shift(); tenantId !== undefined; tenantId = left.shift())
        try {
          const { added, copied } = await sealTenant(tenantId, sweep);
          done.sealed++;
          done.added += added;
          done.copied += copied ? 1 : 0;
        } catch (error) {
          done.failed++;
          onFault(tenantId, error);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    onSealed(done);
    return done;
  };

  return async (request, response) => {
    if (request.method !== 'POST') {
      response.status(405).set('allow', 'POST').end();
      return;
    }
    const asked = readSealRequest(request.body);
    if (asked === undefined) {
      response.status(400).end();
      return;
    }
    try {
      if (asked.kind === 'find') {
        response.status(200).json(await find(asked.sweep));
        return;
      }
      const done = await seal(asked.tenantIds, asked.sweep);
      response.status(done.failed === 0 ? 200 : 500).json(done);
    } catch (error) {
      onFault(undefined, error);
      response.status(503).set('retry-after', '60').end();
    }
  };
}
