import { z } from 'zod';

/** Every way a request can fail, with its HTTP status and title. */
export const PROBLEMS = {
  malformed_request: [400, 'The request is not well-formed HTTP'],
  malformed_encoding: [400, 'The body is not what its Content-Encoding says'],
  not_utf8: [400, 'The body is not UTF-8'],
  malformed_json: [400, 'The body is not JSON'],
  empty_batch: [400, 'The batch is empty'],
  missing_key: [401, 'An API key is required'],
  malformed_key: [401, 'The API key is malformed'],
  unknown_signer: [401, 'The API key was made by a key-maker that is not trusted here'],
  forged_key: [401, 'The API key is forged'],
  expired_key: [401, 'The API key has expired'],
  revoked_key: [401, 'The API key is revoked'],
  operator_only: [403, "The ledger's operator alone may read this"],
  not_sealed: [404, 'The log does not hold this'],
  not_found: [404, 'There is nothing at this path'],
  method_not_allowed: [405, 'The method is not allowed at this path'],
  request_timeout: [408, 'The request took too long to arrive'],
  other_tree: [409, 'The log has published another tree'],
  body_too_large: [413, 'The body is too large'],
  too_many_records: [413, 'The batch holds too many records'],
  unsupported_media_type: [415, 'The Content-Type is not supported'],
  unsupported_encoding: [415, 'The Content-Encoding is not supported'],
  invalid_batch: [422, 'The batch is not valid'],
  invalid_record: [422, 'A record is not valid'],
  wrong_tenant: [422, 'A record names another tenant than the API key'],
  wrong_key: [422, 'A record names another key than the API key'],
  bad_mac: [422, "A record's MAC does not hold under the API key"],
  reserved_source: [422, 'A record claims to come from the control plane'],
  invalid_request: [422, 'The request is not valid'],
  bad_cosignature: [422, 'No cosignature can be taken'],
  session_too_tangled: [422, 'A session has too many conflicts'],
  rate_limited: [429, 'Too many requests under this API key'],
  quota_exceeded: [429, "The tenant's monthly quota is used up"],
  headers_too_large: [431, 'The header fields are too large'],
  internal: [500, 'The control plane failed'],
  overloaded: [503, 'The control plane is busy'],
  store_unavailable: [503, 'The ledger cannot be written'],
  keymaker_unusable: [503, 'No key can be made'],
  revocations_full: [409, 'No further key can be revoked under this key-making key'],
  revocations_unreadable: [503, 'The list of revoked keys cannot be trusted'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

/** RFC 9457 problem document. It names fields and rules; it quotes nothing a client sent. */
export const problemSchema = z
  .strictObject({
    type: z
      .enum(PROBLEM_CODES.map((code) => `urn:vantio:problem:${code}`) as [string, ...string[]])
      .describe('Which problem.'),
    title: z.string().describe('The same for every occurrence of the problem.'),
    status: z.int().min(400).max(599).describe('The HTTP status code.'),
    detail: z.string().describe('What is wrong here, and what to do about it.'),
    record: z.int().min(0).optional().describe('Index, from 0, of the record at fault.'),
    field: z.string().optional().describe('Field of the record at fault.'),
    code: z.string().optional().describe('Rule that the record breaks.'),
    resets_at: z.string().optional().describe('When the quota starts afresh (RFC 3339).'),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;
