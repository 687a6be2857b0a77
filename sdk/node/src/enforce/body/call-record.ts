import type { Action } from '@vantio/schema/actions';
import type { Redaction } from '@vantio/schema/policy/compile-policy';
import type { UnscannedReason } from '@vantio/schema/redact/body/body-result';
import type { Counts } from '@vantio/schema/redact/entity';
import { writtenStatusClass } from '@vantio/schema/written/integers';
import { writtenWord } from '@vantio/schema/written/word';
import { currentSpan } from '../../context/current-span.ts';
import { now } from '../../context/main-realm.ts';
import type { Span } from '../../context/span.ts';
import { durationOf, methodOf } from '../../observe/http-fields.ts';
import { targetOf } from '../../observe/target.ts';
import { failureOf } from '../../record/error-code.ts';
import type { Detail } from '../../record/observation.ts';
import { record } from '../../record/queue.ts';
import { fieldOf } from '../../record/written-field.ts';
import { inForce } from '../in-force.ts';
import type { Outgoing } from './body-guard.ts';
import { operationOf } from './provider.ts';
import type { Usage } from './usage.ts';

/** What is to be recorded of a request whose body was looked at or whose answer is read: one record, at its end. */
export type CallRecord = ReturnType<typeof createCallRecord>;

export function createCallRecord(
  request: Outgoing,
  provider: string | undefined,
  unjudged: 'ALLOWED' | 'OBSERVED' = 'ALLOWED',
) {
  // Not the request itself: what waits for its flush would hold its headers.
  const { host, port, client, method, path } = request;
  const at = now();
  const span: Span | undefined = currentSpan();
  const version = inForce.version();
  let action: Action = unjudged;
  let model: string | undefined;
  const noted: Detail = {};
  let told = false;

  const add = (fields: Detail): void => void Object.assign(noted, fields);
  const note = (next: Action, fields: Detail): void => {
    action = next;
    add(fields);
  };

  const describe = (usage: Usage | undefined, end: Detail): Detail => ({
    ...targetOf(host, port),
    client,
    http_method: methodOf(method),
    ...(provider === undefined ? {} : { provider, ...modelField(usage?.model) }),
    ...version,
    ...noted,
    ...(provider === undefined || usage === undefined ? {} : usageFields(usage)),
    ...end,
  });

  const modelField = (answered: string | undefined): Detail => {
    const name = answered || model;
    return name ? fieldOf('model', wordOf(name)) : {};
  };

  /** Of a request that is neither a model's nor changed nothing is to be told beyond what is observed. */
  function tell(usage: () => Usage | undefined, end: Detail): void {
    if (told) return;
    told = true;
    if (provider === undefined && action === 'ALLOWED') return;
    const isTaken = record({
      type: provider === undefined ? 'http_request' : 'llm_call',
      at,
      span,
      action,
      detail: () => describe(usage(), end),
      get asked() {
        return { operation: operationOf(path), model: wordOf(model)?.text };
      },
    });
    // Nobody will ask for it any more.
    if (!isTaken) usage();
  }

  return {
    /** Whether what an answer says of its usage is to be recorded. */
    wantsUsage: provider !== undefined,
    model(name: string | undefined): void {
      if (name) model = name;
    },
    scanned(bytes: number): void {
      noted.bytes_scanned = bytes;
    },
    redacted(section: Redaction, counts: Counts, bytes: number): void {
      add({ redactions: counts, bytes_scanned: bytes, redaction_action: section.action });
      // In dry run a graver verdict may stand already.
      if (action === 'ALLOWED')
        note(section.isEnforced ? 'REDACTED' : 'WOULD_REDACT', { rule_id: section.ruleId });
    },
    /** The whole, or a part of what was redacted otherwise: then the record says both. */
    unscanned(ruleId: string, reason: UnscannedReason): void {
      add({ unscanned_reason: reason });
      if (action === 'ALLOWED') note('UNSCANNED', { rule_id: ruleId });
    },
    /** Let go though a rule would refuse it: policy is in dry run. */
    would(next: Action, ruleId: string, fields: Detail = {}): void {
      add(fields);
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
      for (const name of ['redactions', 'redaction_action'] as const) delete noted[name];
      note(next, { ...fields, rule_id: ruleId });
      tell(() => undefined, {});
    },
    ended(status: number | undefined, streamed: boolean, usage: () => Usage, more: Detail): void {
      const status_class = writtenStatusClass(status);
      tell(usage, {
        ...(status_class === undefined ? {} : { status_class }),
        ...(streamed ? { streamed: true } : {}),
        duration_us: durationOf(at, now()),
        outcome: 'ok',
        ...more,
      });
    },
    failed(error: unknown, usage: () => Usage, more: Detail): void {
      tell(usage, { duration_us: durationOf(at, now()), ...failureOf(error), ...more });
    },
  };
}

const wordOf = (model: string | undefined) => (model ? writtenWord('model', model) : undefined);

const usageFields = ({ input, cachedInput, cacheWrite, output, reasoning }: Usage): Detail => ({
  ...(input === undefined ? {} : { input_tokens: input }),
  ...(cachedInput === undefined ? {} : { cached_input_tokens: cachedInput }),
  ...(cacheWrite === undefined ? {} : { cache_write_tokens: cacheWrite }),
  ...(output === undefined ? {} : { output_tokens: output }),
  ...(reasoning === undefined ? {} : { reasoning_tokens: reasoning }),
});
