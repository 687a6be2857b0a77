import { z } from 'zod';
import { integer, lowerWord, word } from './alphabets.ts';

/** Entities that redaction counts; `custom` is the sum over a policy's own patterns. */
export const ENTITIES = [
  'anthropic_key',
  'api_key',
  'aws_key',
  'azure_key',
  'custom',
  'date_of_birth',
  'de_tax_id',
  'email',
  'es_dni',
  'es_nie',
  'eu_national_id',
  'fr_nir',
  'gcp_key',
  'github_token',
  'iban',
  'ipv4',
  'ipv6',
  'it_codice_fiscale',
  'jwt',
  'mac_address',
  'nl_bsn',
  'openai_key',
  'passport',
  'payment_card',
  'phone',
  'pl_pesel',
  'private_key',
  'slack_token',
  'street_address',
  'stripe_key',
  'uk_nino',
  'url_credentials',
  'us_itin',
  'us_ssn',
] as const;

const counts = Object.fromEntries(
  ENTITIES.map((entity) => [entity, integer(1).optional()]),
) as Record<(typeof ENTITIES)[number], z.ZodOptional<z.ZodInt>>;

export const verdictFields = {
  rule_id: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,64}$/)
    .describe('Rule of the policy that decided.'),
  redactions: z
    .strictObject(counts)
    .describe('Number of values replaced, by entity; at least one.'),
  redaction_action: z.enum(['mask', 'hash', 'token']).describe('What values were replaced by.'),
  bytes_scanned: integer().describe('Bytes of content looked at.'),
  unscanned_reason: z
    .enum(['binary', 'encoding', 'error', 'format', 'multipart', 'signed', 'size', 'stream'])
    .describe('Why content could not be scanned.'),
  provider: lowerWord(64).describe('Provider of the model, such as openai.'),
  model: word(128).describe('Model id as the provider reports it.'),
  input_tokens: integer().describe('Tokens in, cached ones included.'),
  cached_input_tokens: integer().describe('Tokens in that were read from a cache.'),
  cache_write_tokens: integer().describe('Tokens in that were written to a cache.'),
  output_tokens: integer().describe('Tokens out, reasoning included.'),
  reasoning_tokens: integer().describe('Tokens out spent on reasoning.'),
  streamed: z.literal(true).describe('The answer was a stream.'),
  cost_microusd: integer().describe('Cost in millionths of a US dollar.'),
  price_date: z
    .string()
    .regex(/^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/)
    .describe('Day of the price table.'),
  reserved_microusd: integer().describe('Amount reserved before sending.'),
  spend_window: z.enum(['trace', 'hour', 'day', 'month']).describe('Window of the cap.'),
  spend_scope: z.enum(['key', 'agent', 'model']).describe('What the cap counts over.'),
  spend_limit_microusd: integer().describe('The cap.'),
  spend_used_microusd: integer().describe('Spent in the window before this call.'),
  anomaly_code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/)
    .describe("The reporter's code for the anomaly."),
  severity: z
    .enum(['info', 'low', 'medium', 'high', 'critical'])
    .describe("The reporter's severity."),
};
