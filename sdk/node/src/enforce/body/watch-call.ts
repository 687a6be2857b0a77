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

  const attempt = <T>(what: string, without: T, body: () => T): T => {
    try {
      return body();
    } catch (error) {
      debug(`${what} of an answer failed`, error);
      return without;
    }
  };

  function finish(tell: (usage: Usage) => void, ok: boolean): void {
    if (ended) return;
    ended = true;
    attempt('the end', undefined, () => {
      const usage = reader?.end() ?? {};
      tell(usage);
      return undefined;
    });
    reader = undefined;
    if (!ok) restoring = undefined;
  }

  const fields = (usage: Usage, ended: Ended): Detail => {
    const all: Detail = {};
    for (const after of afters)
      attempt('a review', undefined, () => {
        const remark = after(usage, ended);
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
      attempt('reading', undefined, () => reader?.push(chunk));
      const active = restoring;
      if (!active) return chunk;
      return attempt('restoring', chunk, () => active.push(chunk));
    },
    end() {
      const rest = attempt('restoring', undefined, () => restoring?.end());
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
