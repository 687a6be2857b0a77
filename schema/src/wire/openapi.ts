import { z } from 'zod';
import { configAnswerSchema } from './config-answer.ts';
import { ingestAnswerSchema } from './ingest-answer.ts';
import { ingestBodyShape } from './ingest-body.ts';
import { logPaths } from './openapi-log.ts';
import {
  type Json,
  KEY_PROBLEMS,
  problems,
  RATE_HEADERS,
  rateHeaders,
  ref,
  SERVER_PROBLEMS,
} from './openapi-parts.ts';
import { problemSchema } from './problem.ts';
import { spendAnswerSchema, spendRequestSchema } from './spend-leases.ts';

/** An OpenAPI 3.1 document: its schemas are JSON Schema 2020-12. */
export type OpenApiDocument = { readonly openapi: '3.1.0' } & Readonly<Record<string, unknown>>;

/** The HTTP surface, made from the zod schemas that the answers are typed by. */
export function openApiDocument(): OpenApiDocument {
  const components = schemas();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vantio control plane',
      version: '1',
      description: 'Takes in audit records and says what an emitter may do.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    security: [{ apiKey: [] }],
    paths: {
      '/api/v1/ingest': { post: ingestOperation() },
      '/api/v1/config': { get: configOperation() },
      '/api/v1/spend/leases': { post: leasesOperation() },
      ...logPaths(),
      '/api/v1/openapi.json': {
        get: openOperation('openapi', 'This document.', { type: 'object' }),
      },
      '/healthz': { get: openOperation('healthz', 'Whether the server runs.', HEALTH) },
    },
    components: {
      schemas: components,
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'vk1',
          description:
            'A self-certifying API key: vk1.tenant.id.plan.expiry.signer.secret.signature',
        },
      },
      headers: RATE_HEADERS,
    },
  };
}

const HEALTH = {
  type: 'object',
  properties: { status: { const: 'ok' } },
  required: ['status'],
  additionalProperties: false,
};

const ingestOperation = (): Json => ({
  operationId: 'ingest',
  summary: 'Take in a batch of records.',
  description:
    'The answer comes when every record is on durable storage. A batch with one bad record is refused whole. The same bytes may be sent again: they are reported as duplicate.',
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: ref('IngestBody') },
      'application/x-ndjson': {
        schema: {
          type: 'string',
          description: 'One canonical envelope a line (see Envelope); 1 to 5000 lines.',
        },
      },
    },
  },
  responses: {
    202: {
      description: 'Every record is on durable storage.',
      headers: {
        'x-vantio-signature': {
          description:
            'HMAC-SHA256 over the first trace id of the batch, keyed by the API key; absent when no record has a trace.',
          schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        },
        ...rateHeaders(),
      },
      content: { 'application/json': { schema: ref('IngestAnswer') } },
    },
    ...problems(
      'malformed_encoding',
      'not_utf8',
      'malformed_json',
      'empty_batch',
      ...KEY_PROBLEMS,
      'request_timeout',
      'body_too_large',
      'too_many_records',
      'unsupported_media_type',
      'unsupported_encoding',
      'invalid_batch',
      'invalid_record',
      'wrong_tenant',
      'wrong_key',
      'bad_mac',
      'reserved_source',
      'session_too_tangled',
      'rate_limited',
      'quota_exceeded',
      ...SERVER_PROBLEMS,
    ),
  },
});

const configOperation = (): Json => ({
  operationId: 'config',
  summary: 'What the tenant of the API key may do.',
  parameters: [
    {
      name: 'If-None-Match',
      in: 'header',
      description: 'ETag of an earlier answer.',
      schema: { type: 'string' },
    },
  ],
  responses: {
    200: {
      description: 'The configuration.',
      headers: {
        ETag: { description: 'For If-None-Match.', schema: { type: 'string' } },
        ...rateHeaders(),
      },
      content: { 'application/json': { schema: ref('ConfigAnswer') } },
    },
    304: { description: 'It is the one that If-None-Match names.' },
    ...problems(...KEY_PROBLEMS, 'rate_limited', ...SERVER_PROBLEMS),
  },
});

const leasesOperation = (): Json => ({
  operationId: 'spendLeases',
  summary: 'Lease slices of spend caps, and tell what was spent of earlier ones.',
  description:
    'The limits are those of the policy that `config` serves. What is leased and what is spent together never pass the limit of a hard cap; a lease that ends without a report counts as spent.',
  requestBody: {
    required: true,
    content: { 'application/json': { schema: ref('SpendRequest') } },
  },
  responses: {
    200: {
      description: 'What was granted is on durable storage.',
      headers: rateHeaders(),
      content: { 'application/json': { schema: ref('SpendAnswer') } },
    },
    ...problems(
      'malformed_encoding',
      'malformed_json',
      ...KEY_PROBLEMS,
      'request_timeout',
      'body_too_large',
      'unsupported_media_type',
      'unsupported_encoding',
      'invalid_request',
      'rate_limited',
      ...SERVER_PROBLEMS,
    ),
  },
});

const openOperation = (operationId: string, summary: string, schema: Json): Json => ({
  operationId,
  summary,
  security: [],
  responses: {
    200: { description: summary, content: { 'application/json': { schema } } },
    ...problems('malformed_request'),
  },
});

/** The named zod schemas as components. */
function schemas(): Json {
  const made: Json = {};
  const add = (definitions: Record<string, Json>): void => {
    for (const [name, { id: _, ...definition }] of Object.entries(definitions))
      made[name] = definition;
  };
  // A schema that has an id stands among its own definitions.
  for (const schema of [
    ingestBodyShape,
    ingestAnswerSchema,
    configAnswerSchema,
    spendAnswerSchema,
    problemSchema,
  ])
    add(definitionsOf(schema));
  // Of a request: what may be left out.
  add(definitionsOf(spendRequestSchema, 'input'));
  return JSON.parse(JSON.stringify(made).replaceAll('#/$defs/', '#/components/schemas/')) as Json;
}

const definitionsOf = (
  schema: z.ZodType,
  io: 'input' | 'output' = 'output',
): Record<string, Json> =>
  (z.toJSONSchema(z.array(schema), { io }) as { $defs: Record<string, Json> }).$defs;
