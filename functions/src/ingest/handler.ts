import type { HttpFunction, Request, Response } from '@google-cloud/functions-framework';
import { type ApiKeyClaims, traceSignature } from '@vantio/schema';
import type { SignedReceipt } from '@vantio/schema/receipt';
import type { IngestAnswer } from '@vantio/schema/wire/ingest-answer';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { type Caller, type Doorkeeper, isRefusal } from '../door/doorkeeper.ts';
import { type Refusal, refuse, sendJson, sendRefusal } from '../door/problem-response.ts';
import type { RateLimiter } from '../door/rate-limit.ts';
import type { NoteRefusal } from '../door/refusal-notes.ts';
import { checkRecords } from './check-records.ts';
import {
  type CheckedRecord,
  type LedgerStore,
  QuotaExceededError,
  type Receipt,
  StoreUnavailableError,
  TangledSessionError,
} from './ledger-store.ts';
import { monthlyLimitOf, nextMonth } from './quota.ts';
import { batchFormOf, readBatch } from './read-batch.ts';

export type IngestOptions = {
  readonly store: LedgerStore;
  readonly doorkeeper: Doorkeeper;
  readonly rateLimiter: RateLimiter;
  readonly noteRefusal: NoteRefusal;
  readonly onFault: (message: string, error: unknown) => void;
  /** Signs what the log promises for a batch; absent, or undefined from it: nothing is promised. */
  readonly promise?: PromiseToLog;
  readonly now?: () => number;
};

export type PromiseToLog = (
  records: readonly CheckedRecord[],
  receivedAt: string,
  claims: ApiKeyClaims,
) => SignedReceipt | undefined | Promise<SignedReceipt | undefined>;

/**
 * A tenant past its quota may still close its sessions: records that pin a chain are never counted, and they are few.
 * Only a body this small is looked into when the quota is used up.
 */
const CLOSING_BYTES = 64 * 1024;

/** `POST /api/v1/ingest`. Size → key → revocation → rate → quota → body, each cheaper than the next. */
export function createIngest(options: IngestOptions): HttpFunction {
  const { store, doorkeeper, rateLimiter, noteRefusal, onFault, now = Date.now } = options;
  const { promise = () => undefined } = options;

  const ingest = async (request: Request, response: Response): Promise<void> => {
    const body = request.rawBody ?? Buffer.alloc(0);
    if (body.length > WIRE_LIMITS.inflatedBytes)
      return sendRefusal(
        response,
        refuse('body_too_large', `the body is over ${WIRE_LIMITS.inflatedBytes} bytes`),
      );
    const caller = doorkeeper(request.headers.authorization);
    if (isRefusal(caller)) return sendRefusal(response, caller);
    if (!(await rateLimiter(request, response, caller))) return;
    const monthlyLimit = monthlyLimitOf(caller.claims.plan);
    if (
      monthlyLimit !== undefined &&
      body.length > CLOSING_BYTES &&
      (await store.countedThisMonth(caller.claims.tenantId)) >= monthlyLimit
    ) {
      sendRefusal(response, quotaRefusal(monthlyLimit));
      return noteRefusal({ kind: 'quota', caller });
    }

    const records = readRecords(request, body, caller);
    if ('problem' in records) return sendRefusal(response, records);
    const receipt = await store.append({
      tenantId: caller.claims.tenantId,
      receivedKey: caller.receivedKey,
      records,
      ...(monthlyLimit === undefined ? {} : { monthlyLimit }),
    });
    acknowledge(
      response,
      records,
      receipt,
      caller,
      await promise(records, receipt.receivedAt, caller.claims),
    );
  };

  const quotaRefusal = (limit: number): Refusal => {
    const reset = nextMonth(now());
    return refuse(
      'quota_exceeded',
      `the tenant may send ${limit} events in a calendar month (UTC) and this batch would go past it; nothing of it was kept`,
      { resets_at: reset.toISOString() },
      { 'retry-after': String(Math.ceil((reset.getTime() - now()) / 1000)) },
    );
  };

  const refusalOf = (error: unknown, caller: Caller | Refusal): Refusal => {
    if (error instanceof QuotaExceededError && !isRefusal(caller))
      return quotaRefusal(monthlyLimitOf(caller.claims.plan) ?? 0);
    if (error instanceof TangledSessionError) return refuse('session_too_tangled', error.message);
    if (error instanceof StoreUnavailableError)
      return refuse(
        'store_unavailable',
        'nothing of this batch is acknowledged; send the same bytes again after the seconds in Retry-After',
        {},
        { 'retry-after': String(error.retryAfterSeconds) },
      );
    onFault('ingest failed', error);
    return refuse('internal', 'nothing of this batch is acknowledged; the operator sees the cause');
  };

  return async (request, response) => {
    try {
      await ingest(request, response);
    } catch (error) {
      const caller = doorkeeper(request.headers.authorization);
      sendRefusal(response, refusalOf(error, caller));
      if (error instanceof QuotaExceededError && !isRefusal(caller))
        noteRefusal({ kind: 'quota', caller, events: error.events });
    }
  };
}

function readRecords(
  request: Request,
  body: Buffer,
  caller: Caller,
): readonly CheckedRecord[] | Refusal {
  const form = batchFormOf(request.headers['content-type']);
  if (form === undefined)
    return refuse(
      'unsupported_media_type',
      'send application/x-ndjson, one envelope a line, or application/json, {"events":[…]}',
    );
  const envelopes = readBatch(body, form);
  return 'problem' in envelopes ? envelopes : checkRecords(envelopes, caller);
}

function acknowledge(
  response: Response,
  records: readonly CheckedRecord[],
  { receivedAt, statuses }: Receipt,
  { apiKey }: Caller,
  promised: SignedReceipt | undefined,
): void {
  const signatures: Record<string, string> = {};
  let first: string | undefined;
  for (const { record } of records) {
    const trace = record.trace_id;
    if (trace === undefined || signatures[trace] !== undefined) continue;
    signatures[trace] = traceSignature(apiKey, trace);
    first ??= signatures[trace];
  }
  const answer: IngestAnswer = {
    events: records.map(({ record }, index) => ({
      event_id: record.event_id,
      status: statuses[index] ?? 'accepted',
    })),
    ...(promised === undefined ? {} : { receipt: promised }),
    received_at: receivedAt,
    signatures,
  };
  sendJson(
    response,
    202,
    JSON.stringify(answer),
    first === undefined ? {} : { 'x-vantio-signature': first },
  );
}
