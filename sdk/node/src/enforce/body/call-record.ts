import type { Action } from '@vantio/schema/actions';
import type { Redaction } from '@vantio/schema/policy/compile-policy';
import type { UnscannedReason } from '@vantio/schema/redact/body/body-result';
import type { Counts } from '@vantio/schema/redact/entity';
import { writtenStatusClass } from '@vantio/schema/written/integers';
import { writtenWord } from '@vantio/schema/written/word';
import { now } from '../../context/main-realm.ts';
import { type Span, storage } from '../../context/span.ts';
import { durationOf, methodOf } from '../../observe/http-fields.ts';
import { targetOf } from '../../observe/target.ts';
import { failureOf } from '../../record/error-code.ts';
import type { Detail } from '../../record/observation.ts';
import { record } from '../../record/queue.ts';
import { fieldOf } from '../../record/written-field.ts';
import { inForce } from '../in-force.ts';
import type { Outgoing } from './body-guard.ts';
import type { Usage } from './usage.ts';

/** What is to be recorded of a request whose body was looked at or whose answer is read: one record, at its end. */
export type CallRecord = ReturnType<typeof createCallRecord>;

export function createCallRecord(
  request: Outgoing,
  provider: string | undefined,
  unjudged: 'ALLOWED' | 'OBSERVED' = 'ALLOWED',
) {
  const at = now();
  const span: Span | undefined = storage.getStore();
  const detail: Detail = {
    ...targetOf(request.host, request.port),
    client: request.client,
    http_method: methodOf(request.method),
    ...(provider === undefined ? {} : { provider }),
    ...inForce.version(),
  };
  let action: Action = unjudged;
  let told = false;

  const note = (next: Action, fields: Detail): void => {
    action = next;
    Object.assign(detail, fields);
  };

  /** Of a request that is neither a model's nor changed nothing is to be told beyond what is observed. */
  function tell(end: Detail): void {
    if (told) return;
    told = true;
    if (provider === undefined && action === 'ALLOWED') return;
    record({
      type: provider === undefined ? 'http_request' : 'llm_call',
      at,
      span,
      action,
      detail: Object.assign(detail, end),
    });
  }

  return {
    model(name: string | undefined): void {
      if (provider !== undefined && name)
        Object.assign(detail, fieldOf('model', writtenWord('model', name)));
    },
    scanned(bytes: number): void {
      detail.bytes_scanned = bytes;
    },
    redacted(section: Redaction, counts: Counts, bytes: number): void {
      Object.assign(detail, {
        redactions: counts,
        bytes_scanned: bytes,
        redaction_action: section.action,
      });
      // In dry run a graver verdict may stand already.
      if (action === 'ALLOWED')
        note(section.isEnforced ? 'REDACTED' : 'WOULD_REDACT', { rule_id: section.ruleId });
    },
    /** The whole, or a part of what was redacted otherwise: then the record says both. */
    unscanned(ruleId: string, reason: UnscannedReason): void {
      detail.unscanned_reason = reason;
      if (action === 'ALLOWED') note('UNSCANNED', { rule_id: ruleId });
    },
    /** Let go though a rule would refuse it: policy is in dry run. */
    would(next: Action, ruleId: string, fields: Detail = {}): void {
      Object.assign(detail, fields);
      // The first that would have refused it is the one that does, once policy is enforced.
      if (!action.startsWith('WOULD_BLOCK')) note(next, { rule_id: ruleId });
    },
    /** Of two verdicts on a call that is let go the graver stands. */
    remark({ action: next, ruleId }: { readonly action: Action; readonly ruleId: string }): void {
      if (
        action === 'ALLOWED' ||
        (next.startsWith('WOULD_BLOCK') && !action.startsWith('WOULD_BLOCK'))
      )
        note(next, { rule_id: ruleId });
    },
    refused(next: Action, ruleId: string, fields: Detail = {}): void {
      // Nothing was changed, for nothing was sent.
      for (const name of ['redactions', 'redaction_action'] as const) delete detail[name];
      note(next, { ...fields, rule_id: ruleId });
      tell({});
    },
    ended(status: number | undefined, streamed: boolean, usage: Usage, more: Detail): void {
      const status_class = writtenStatusClass(status);
      this.model(usage.model);
      tell({
        ...(status_class === undefined ? {} : { status_class }),
        ...(provider === undefined ? {} : usageFields(usage)),
        ...(streamed ? { streamed: true } : {}),
        duration_us: durationOf(at, now()),
        outcome: 'ok',
        ...more,
      });
    },
    failed(error: unknown, usage: Usage, more: Detail): void {
      this.model(usage.model);
      tell({
        ...(provider === undefined ? {} : usageFields(usage)),
        duration_us: durationOf(at, now()),
        ...failureOf(error),
        ...more,
      });
    },
  };
}

const usageFields = ({ input, cachedInput, cacheWrite, output, reasoning }: Usage): Detail => ({
  ...(input === undefined ? {} : { input_tokens: input }),
  ...(cachedInput === undefined ? {} : { cached_input_tokens: cachedInput }),
  ...(cacheWrite === undefined ? {} : { cache_write_tokens: cacheWrite }),
  ...(output === undefined ? {} : { output_tokens: output }),
  ...(reasoning === undefined ? {} : { reasoning_tokens: reasoning }),
});
