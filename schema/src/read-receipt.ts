import { isCalendarDay } from './calendar.ts';
import { INSTANT } from './generated/validate-record.ts';
import { isObject, parseJson } from './read-json.ts';
import type { Receipt, SignedReceipt } from './receipt.ts';
import type { ReceiptCertificate } from './receipt-certificate.ts';

/** What a text is that is no receipt, in words that follow the place where it stands. It quotes none of it. */
export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
  readonly code = 'bad_receipt';
}

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;
const LOG = /^[\s\S]{1,191}$/;
const ORIGIN = /^[\s\S]{1,255}$/;
const KEY_ID = /^[0-9a-f]{16}$/;
const TENANT_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/**
 * Takes a signed receipt as an emitter kept it; its signature is read, not checked. The text may be an attacker's. It is what
 * `signedReceiptSchema` accepts, which a test holds it to: a verifier of one file has no room for zod.
 * @throws {ReceiptError}
 */
export function readReceipt(text: string): SignedReceipt {
  const signed = members(jsonOf(text), 'the line', ['receipt', 'signature'], ['certificate']);
  const receipt = members(signed.receipt, 'receipt', [
    'events',
    'key_id',
    'merge_by',
    'origin',
    'received_at',
    'tenant_id',
  ]);
  requireText(signed.signature, 'signature', SIGNATURE);
  requireText(receipt.key_id, 'receipt.key_id', KEY_ID);
  requireText(receipt.merge_by, 'receipt.merge_by', INSTANT);
  requireText(receipt.origin, 'receipt.origin', ORIGIN);
  requireText(receipt.received_at, 'receipt.received_at', INSTANT);
  requireText(receipt.tenant_id, 'receipt.tenant_id', TENANT_ID);
  for (const name of ['merge_by', 'received_at'] as const)
    if (!isCalendarDay(String(receipt[name]))) throw unlike(`receipt.${name}`);
  const { events } = receipt;
  if (!Array.isArray(events) || events.length === 0) throw unlike('receipt.events');
  for (const [at, event] of events.entries()) {
    const { event_id, record_hash } = members(event, `receipt.events.${at}`, [
      'event_id',
      'record_hash',
    ]);
    requireText(event_id, `receipt.events.${at}.event_id`, UUID7);
    requireText(record_hash, `receipt.events.${at}.record_hash`, HASH);
  }
  // Of a member that stands twice, another reader may take the other one.
  if (JSON.stringify(signed) !== text)
    throw new ReceiptError('is not a receipt: it has spaces, or a member twice');
  return {
    ...(Object.hasOwn(signed, 'certificate')
      ? { certificate: readCertificate(signed.certificate) }
      : {}),
    receipt: receipt as Receipt,
    signature: signed.signature as string,
  };
}

/**
 * Takes a certificate as JSON has it; its signature is read, not checked.
 * @throws {ReceiptError}
 */
export function readCertificate(value: unknown): ReceiptCertificate {
  const certificate = members(value, 'certificate', [
    'log',
    'not_after',
    'not_before',
    'public_key',
    'signature',
  ]);
  requireText(certificate.log, 'certificate.log', LOG);
  requireText(certificate.not_after, 'certificate.not_after', INSTANT);
  requireText(certificate.not_before, 'certificate.not_before', INSTANT);
  for (const name of ['not_after', 'not_before'] as const)
    if (!isCalendarDay(String(certificate[name]))) throw unlike(`certificate.${name}`);
  requireText(certificate.public_key, 'certificate.public_key', HASH);
  requireText(certificate.signature, 'certificate.signature', SIGNATURE);
  return certificate as ReceiptCertificate;
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new ReceiptError('is not JSON');
  }
}

function members(
  value: unknown,
  name: string,
  names: readonly string[],
  optional: readonly string[] = [],
): Record<string, unknown> {
  if (!isObject(value)) throw new ReceiptError(`is not a receipt: ${name} is no object`);
  const missing = names.find((each) => !Object.hasOwn(value, each));
  if (missing !== undefined) throw new ReceiptError(`is not a receipt: ${missing} is missing`);
  const known = [...names, ...optional];
  if (Object.keys(value).some((each) => !known.includes(each)))
    throw new ReceiptError(`is not a receipt: ${name} has other members`);
  return value;
}

function requireText(value: unknown, name: string, form: RegExp): void {
  if (typeof value !== 'string' || !value.isWellFormed() || !form.test(value)) throw unlike(name);
}

const unlike = (name: string): ReceiptError =>
  new ReceiptError(`is not a receipt: ${name} is not as schema/log.md says`);
