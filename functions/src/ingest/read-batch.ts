import { isAscii, isUtf8 } from 'node:buffer';
import { type Envelope, EnvelopeError, parseEnvelope, readEnvelope } from '@vantio/schema';
import { envelopeText } from '@vantio/schema/session';
import { WIRE_LIMITS } from '@vantio/schema/wire/limits';
import { type Refusal, refuse } from '../door/problem-response.ts';

export type BatchForm = 'json' | 'ndjson';

/** The form a Content-Type names; undefined: not one of ours. Parameters other than `charset=utf-8` are refused. */
export function batchFormOf(contentType: string | undefined): BatchForm | undefined {
  const [, type] =
    /^\s*(application\/(?:json|x-ndjson))\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i.exec(
      contentType ?? '',
    ) ?? [];
  if (type === undefined) return undefined;
  return type.toLowerCase() === 'application/json' ? 'json' : 'ndjson';
}

/** The envelopes of a body, each held to its canonical form. Attacker-controlled. */
export function readBatch(body: Buffer, form: BatchForm): readonly Envelope[] | Refusal {
  if (body.length > WIRE_LIMITS.inflatedBytes)
    return refuse('body_too_large', `the body is over ${WIRE_LIMITS.inflatedBytes} bytes`);
  const text = isAscii(body)
    ? body.toString('latin1')
    : isUtf8(body)
      ? body.toString('utf8')
      : undefined;
  if (text === undefined) return refuse('not_utf8', 'the body holds bytes that are not UTF-8');
  return form === 'ndjson' ? readLines(text) : readEvents(text);
}

function readLines(text: string): readonly Envelope[] | Refusal {
  const end = text.endsWith('\n') ? text.length - 1 : text.length;
  if (end <= 0) return emptyBatch();
  if (hasMoreLines(text, end)) return tooManyRecords();
  const envelopes: Envelope[] = [];
  for (let from = 0; from <= end; ) {
    const newline = text.indexOf('\n', from);
    const to = newline === -1 ? end : newline;
    const envelope = orRefusal(envelopes.length, () => parseEnvelope(text.slice(from, to)));
    if ('problem' in envelope) return envelope;
    envelopes.push(envelope);
    from = to + 1;
  }
  return envelopes;
}

/** Whether there are more lines than a batch may have: seen before the first of them is parsed. */
function hasMoreLines(text: string, end: number): boolean {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1))
    if (++lines > WIRE_LIMITS.records) return true;
  return false;
}

function readEvents(text: string): readonly Envelope[] | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('malformed_json', 'the body is not JSON');
  }
  const events = eventsOf(value);
  if (!events) return refuse('invalid_batch', 'the body is not {"events":[…]} and nothing else');
  if (events.length === 0) return emptyBatch();
  if (events.length > WIRE_LIMITS.records) return tooManyRecords();
  const envelopes: Envelope[] = [];
  let at = OPENING.length;
  for (const [index, event] of events.entries()) {
    const envelope = orRefusal(index, () => readEnvelope(event));
    if ('problem' in envelope) return envelope;
    const canonical = envelopeText(envelope.canonical, envelope.mac, envelope.disclosures);
    if (!text.startsWith(canonical, at)) return notCanonical(index);
    envelopes.push(envelope);
    at += canonical.length + 1;
    if (index < events.length - 1 && text[at - 1] !== ',') return notCanonical(index);
  }
  // What stands around the envelopes; with them it leaves no byte unchecked.
  if (!text.startsWith(OPENING) || text.slice(at - 1) !== ']}') return notCanonical(0);
  return envelopes;
}

const OPENING = '{"events":[';

function eventsOf(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { events, ...others } = value as { readonly events?: unknown };
  return Array.isArray(events) && Object.keys(others).length === 0 ? events : undefined;
}

function orRefusal(record: number, read: () => Envelope): Envelope | Refusal {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    const { field, code, message } = error;
    return refuse('invalid_record', `record ${record}: ${field} ${message}`, {
      record,
      field,
      code,
    });
  }
}

const notCanonical = (record: number): Refusal =>
  refuse('invalid_record', `record ${record}: envelope is not in canonical form (RFC 8785)`, {
    record,
    field: 'envelope',
    code: 'not_canonical',
  });
const emptyBatch = (): Refusal => refuse('empty_batch', 'the body holds no record');
const tooManyRecords = (): Refusal =>
  refuse('too_many_records', `a batch holds at most ${WIRE_LIMITS.records} records; send several`);
