import type { Restorer } from '@vantio/schema/redact/restore/restorer';

import { debug } from '../../context/debug.ts';
import type { Detail } from '../../record/observation.ts';
import type { ResponseWatch } from './body-guard.ts';
import type { CallRecord } from './call-record.ts';
import type { Redacting } from './redaction.ts';
import type { After, Ended } from './reviewer.ts';
import type { Usage } from './usage.ts';
import { createUsageReader, type UsageReader } from './usage-reader.ts';
import { wasSent } from './was-sent.ts';

const NOTHING = (): Usage => ({});

/**
 * Watches the answer of one call: reads what it used, puts the values of tokens back, and tells of its end. A fault of
 * ours in it leaves the answer as it came.
 */
export function watchCall(
  call: CallRecord,
  redacting: Pick<Redacting, 'restorer'> | undefined,
  afters: readonly After[],
): ResponseWatch {
  let status: number | undefined;
  let reader: UsageReader | undefined;
  let restoring: Restorer | undefined;
  let ended = false;
  const reads = call.wantsUsage || afters.length > 0;
  const held: Uint8Array[] = [];

  const attempt = <T>(what: string, without: T, body: () => T): T => {
    try {
      return body();
    } catch (error) {
      debug(`${what} of an answer failed`, error);
      return without;
    }
  };

  /** A fault gives the program what the restorer holds as it came: with tokens in it, and whole. */
  function restored(active: Restorer, chunk: Uint8Array): Uint8Array {
    held.push(chunk);
    try {
      const bytes = active.push(chunk);
      if (bytes.length > 0) held.length = 0;
      return bytes;
    } catch (error) {
      debug('putting values back failed', error);
      restoring = undefined;
      return Buffer.concat(held.splice(0));
    }
  }

  function lastOf(active: Restorer): Uint8Array {
    try {
      return active.end();
    } catch (error) {
      debug('putting values back failed', error);
      return Buffer.concat(held.splice(0));
    }
  }

  function finish(tell: (usage: () => Usage) => void, ok: boolean): void {
    if (ended) return;
    ended = true;
    attempt('the end', undefined, () => tell(reader?.end() ?? NOTHING));
    if (!ok) restoring = undefined;
  }

  /** Whoever reviews calls waits for what they used: then it is read at once. */
  const fields = (usage: () => Usage, ended: Ended): Detail => {
    const all: Detail = {};
    for (const after of afters)
      attempt('a review', undefined, () => {
        const remark = after(usage(), ended);
        if (remark.verdict) call.remark(remark.verdict);
        Object.assign(all, remark.fields);
      });
    return all;
  };

  return {
    restores: redacting !== undefined,
    head: (code, header) =>
      attempt('the head', undefined, () => {
        status = code;
        const encoding = header('content-encoding');
        reader = createUsageReader(header('content-type'), encoding);
        // An answer that is compressed though none was asked for cannot be put back.
        if (!encoding || encoding === 'identity')
          restoring = redacting?.restorer(header('content-type'));
        return undefined;
      }),
    data(chunk) {
      if (reads) attempt('reading', undefined, () => reader?.push(chunk));
      return restoring ? restored(restoring, chunk) : chunk;
    },
    end() {
      const rest = restoring && lastOf(restoring);
      finish(
        (usage) =>
          call.ended(
            status,
            reader?.streamed ?? false,
            usage,
            fields(usage, { ok: true, status, sent: true }),
          ),
        true,
      );
      return rest;
    },
    fail: (error) =>
      finish((usage) => {
        const sent = status !== undefined || wasSent(error);
        call.failed(error, usage, fields(usage, { ok: false, status, sent }));
      }, false),
  };
}
