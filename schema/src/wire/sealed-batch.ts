import * as crypto from 'node:crypto';
import { z } from 'zod';
import { signerIdOf } from '../api-key.ts';
import { type Envelope, parseEnvelope } from '../envelope.ts';
import { EnvelopeError } from '../envelope-error.ts';
import { hex, instant, tenantId } from '../fields/alphabets.ts';

/**
 * What ingest hands to the writer, as the data of one Pub/Sub message: records that it has checked, and its signature, so
 * that nobody else who may publish to the topic can put a record in the ledger.
 */
const messageSchema = z.strictObject({
  v: z.literal(1),
  /** Header line and envelope lines, each canonical, joined by newlines. */
  batch: z.string().min(1),
  signer_id: hex(8),
  signature: hex(128),
});

const headerSchema = z.strictObject({
  key_id: hex(16),
  received_at: instant(),
  records: z.int().min(1),
  tenant_id: tenantId(),
});

export type BatchHeader = z.infer<typeof headerSchema>;
export type OpenedBatch = BatchHeader & { readonly envelopes: readonly Envelope[] };

export type SealedBatchFault =
  | 'malformed_message'
  | 'unknown_signer'
  | 'forged_message'
  | 'invalid_record';

/** The message is not one that a trusted ingest made; delivering it again changes nothing. */
export class SealedBatchError extends Error {
  override readonly name = 'SealedBatchError';
  readonly code: SealedBatchFault;
  constructor(code: SealedBatchFault, message: string) {
    super(message);
    this.code = code;
  }
}

const PREFIX = Buffer.from('vantio/batch/v1\0');

/** Ed25519 over prefix ‖ SHA-256(batch): the batch may be megabytes, and Ed25519 hashes what it signs twice. */
const signed = (batch: string): Buffer =>
  Buffer.concat([PREFIX, crypto.createHash('sha256').update(batch).digest()]);

// One key signs message after message, and its id takes as long as its signature.
const signerIds = new WeakMap<crypto.KeyObject, string>();

function idOf(signer: crypto.KeyObject): string {
  const id = signerIds.get(signer) ?? signerIdOf(signer);
  signerIds.set(signer, id);
  return id;
}

/**
 * @param lines canonical envelopes, without newlines.
 * @param signer ingest's own Ed25519 key.
 * @returns the message's data.
 */
export function sealBatch(
  { tenant_id, key_id, received_at }: Omit<BatchHeader, 'records'>,
  lines: readonly string[],
  signer: crypto.KeyObject,
): string {
  const header: BatchHeader = { key_id, received_at, records: lines.length, tenant_id };
  const batch = [JSON.stringify(header), ...lines].join('\n');
  const signature = crypto.sign(null, signed(batch), signer).toString('hex');
  return JSON.stringify({ v: 1, batch, signer_id: idOf(signer), signature });
}

/**
 * Opens a message. Attacker-controlled until the signature holds.
 * @param signers public keys of trusted ingests by their id; several while one is rotated out.
 * @throws {SealedBatchError}
 */
export function openBatch(
  data: string,
  signers: ReadonlyMap<string, crypto.KeyObject>,
): OpenedBatch {
  const { batch, signer_id, signature } = parse(messageSchema, data, 'message');
  const signer = signers.get(signer_id);
  if (!signer)
    throw new SealedBatchError('unknown_signer', `signer ${signer_id} is not trusted here`);
  if (!crypto.verify(null, signed(batch), signer, Buffer.from(signature, 'hex')))
    throw new SealedBatchError('forged_message', 'the signature does not hold');
  const [first = '', ...lines] = batch.split('\n');
  const header = parse(headerSchema, first, 'header');
  if (lines.length !== header.records)
    throw new SealedBatchError('malformed_message', 'records is not the number of lines');
  return { ...header, envelopes: lines.map((line, index) => readLine(line, index, header)) };
}

/** What a message says of itself. Nobody has checked it: whoever may publish can say anything. */
export type BatchClaims = BatchHeader & Pick<z.infer<typeof messageSchema>, 'signer_id'>;

/**
 * For somebody who looks at a message without ingest's public key, and must not see its records.
 * @returns undefined when it is not of the form. Attacker-controlled.
 */
export function batchClaims(data: string): BatchClaims | undefined {
  try {
    const { batch, signer_id } = parse(messageSchema, data, 'message');
    const end = batch.indexOf('\n');
    const header = parse(headerSchema, end === -1 ? batch : batch.slice(0, end), 'header');
    return { ...header, signer_id };
  } catch (error) {
    if (error instanceof SealedBatchError) return undefined;
    throw error;
  }
}

/** Ingest checked every line before it signed; a line that fails here was made by another version of the schema. */
function readLine(line: string, index: number, { tenant_id, key_id }: BatchHeader): Envelope {
  try {
    const envelope = parseEnvelope(line);
    if (envelope.record.tenant_id !== tenant_id || envelope.record.key_id !== key_id)
      throw new EnvelopeError('bad_value', 'tenant_id', "or key_id is not the header's");
    return envelope;
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    throw new SealedBatchError(
      'invalid_record',
      `record ${index}: ${error.field} ${error.message}`,
    );
  }
}

function parse<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SealedBatchError('malformed_message', `the ${what} is not JSON`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // Names only: zod's own message quotes what it read.
  const [issue] = result.error.issues;
  const name = issue?.path.join('.') || 'a member';
  throw new SealedBatchError('malformed_message', `the ${what} is not of the form v1: ${name}`);
}
