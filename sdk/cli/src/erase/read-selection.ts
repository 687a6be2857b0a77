import type { Selection } from '@vantio/functions/local';
import { COMMITTED_FIELDS } from '@vantio/schema/committed-fields';
import { CliError } from '../cli-error.ts';

export type SelectionOptions = {
  readonly event: readonly string[];
  readonly tenant?: string;
  readonly trace?: string;
  readonly field?: string;
  readonly before?: string;
};

const EVENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/;

/** @throws {CliError} one sentence for what is not of its form, before anything is looked at. */
export function readSelection({
  event,
  tenant,
  trace,
  field,
  before,
}: SelectionOptions): Selection {
  if (event.length === 0 && tenant === undefined && trace === undefined)
    throw new CliError(
      'say whose values are meant: --event, --tenant or --trace; --field and --before narrow them.',
    );
  if (!event.every((id) => EVENT_ID.test(id)))
    throw new CliError(
      '--event wants an event id, such as 0190a4e2-7c00-7000-8000-0af7651916cd; vantio show --json prints them.',
    );
  if (tenant !== undefined && !/^[a-z0-9][a-z0-9_-]{0,62}$/.test(tenant))
    throw new CliError(
      '--tenant wants 1 to 63 characters of a-z, 0-9, _ and -, and no _ or - at the start.',
    );
  if (trace !== undefined && !/^[0-9a-f]{32}$/.test(trace))
    throw new CliError('--trace wants a whole trace id: 32 lower-case hex digits.');
  const named = COMMITTED_FIELDS.find((one) => one === field);
  if (field !== undefined && named === undefined)
    throw new CliError(`--field wants one of ${COMMITTED_FIELDS.join(', ')}.`);
  const millis = before === undefined ? undefined : millisOf(before);
  return {
    ...(event.length === 0 ? {} : { eventIds: new Set(event) }),
    ...(tenant === undefined ? {} : { tenantId: tenant }),
    ...(trace === undefined ? {} : { traceId: trace }),
    ...(named === undefined ? {} : { field: named }),
    ...(millis === undefined ? {} : { before: millis }),
  };
}

function millisOf(text: string): number {
  const millis = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  // The parser takes the 31st of February for the 3rd of March.
  if (Number.isNaN(millis) || new Date(millis).toISOString().slice(0, 19) !== text.slice(0, 19))
    throw new CliError('--before wants an instant in UTC, such as 2026-10-01T00:00:00Z.');
  return millis;
}

export type WhyOptions = { readonly reason?: string; readonly member?: string };

/** @throws {CliError} */
export function readWhy({ reason, member }: WhyOptions) {
  if (reason !== undefined && !/^[a-z0-9_.-]{1,64}$/.test(reason))
    throw new CliError(
      '--reason wants a code of a-z, 0-9, _, . and -, such as gdpr_art_17; it is kept for ever, so nothing of the person belongs in it.',
    );
  if (member !== undefined && !/^[0-9a-f]{32}$/.test(member))
    throw new CliError('--member wants an opaque id: 32 lower-case hex digits.');
  return {
    ...(reason === undefined ? {} : { reasonCode: reason }),
    ...(member === undefined ? {} : { memberId: member }),
  };
}
