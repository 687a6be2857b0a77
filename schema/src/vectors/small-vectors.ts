import { commitment } from '../commitment.ts';
import { traceSignature } from '../hash.ts';
import { rawPublicKey } from '../session-signature.ts';
import { fixedApiKey, fixedBytes, fixedKey } from './fixed-keys.ts';
import { API_KEY, agentName, TRACE } from './sample-session.ts';

/** JSON values and their canonical text; texts that are JSON but not canonical, or have no canonical form. */
export const canonicalVectors = () => ({
  accept: [
    {
      name: 'members in order of UTF-16 code units',
      json: '{"\\ufb33":1,"\\ud83d\\ude00":2,"\\u20ac":3,"\\r":4,"1":5,"\\u0080":6,"\\u00f6":7}',
      canonical: '{"\\r":4,"1":5,"\u0080":6,"\u00f6":7,"\u20ac":3,"\ud83d\ude00":2,"\ufb33":1}',
    },
    {
      name: 'escapes',
      json: '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\\\/\\u007f\\u00e9"',
      canonical: '"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\u007fé"',
    },
    {
      name: 'integers',
      json: '[0, 1, 9007199254740991, -9007199254740991, 1e3, 10.0, -0]',
      canonical: '[0,1,9007199254740991,-9007199254740991,1000,10,0]',
    },
    {
      name: 'nesting',
      json: '{ "b" : [ { "d" : true , "c" : false } ] , "a" : { } }',
      canonical: '{"a":{},"b":[{"c":false,"d":true}]}',
    },
  ],
  reject: [
    { name: 'a fraction', json: '0.5' },
    { name: 'beyond 2^53 - 1', json: '9007199254740992' },
    { name: 'null', json: '{"a":null}' },
    { name: 'a lone high surrogate', json: '"\\ud800"' },
    { name: 'a lone low surrogate', json: '"\\udc00x"' },
    { name: 'a lone surrogate in a name', json: '{"\\udfff":1}' },
  ],
});

export const commitmentVectors = () => ({
  accept: [
    agentName,
    { field: 'file_path' as const, salt: fixedBytes('path salt'), value: '/home/ü/a\\b.csv' },
    { field: 'exec_path' as const, salt: fixedBytes('astral salt'), value: '😀'.repeat(2048) },
  ].map((disclosure) => ({ ...disclosure, commitment: commitment(disclosure) })),
  reject: [
    { name: 'another value', ...agentName, value: 'research', commitment: commitment(agentName) },
    {
      name: 'another salt',
      ...agentName,
      salt: fixedBytes('another salt'),
      commitment: commitment(agentName),
    },
    { name: 'another field', ...agentName, field: 'file_path', commitment: commitment(agentName) },
  ],
});

const edit = (at: number, value: string): string => API_KEY.split('.').with(at, value).join('.');

export const apiKeyVectors = () => ({
  signers: [rawPublicKey(fixedKey('key maker'))],
  now: 1_767_323_045,
  trace_id: TRACE,
  accept: [
    {
      name: 'unlimited',
      api_key: API_KEY,
      tenant_id: 'acme',
      plan: 'local',
      expires_at: 0,
      trace_signature: traceSignature(API_KEY, TRACE),
    },
    ...[fixedApiKey('acme', 'expiring', 'free', 1_767_323_046)].map((key) => ({
      name: 'expires in a second',
      api_key: key,
      tenant_id: 'acme',
      plan: 'free',
      expires_at: 1_767_323_046,
      trace_signature: traceSignature(key, TRACE),
    })),
  ],
  reject: [
    {
      name: 'expired',
      api_key: fixedApiKey('acme', 'expired', 'free', 1_767_323_045),
      code: 'expired_key',
    },
    { name: 'another tenant', api_key: edit(1, 'globex'), code: 'forged_key' },
    { name: 'another key id', api_key: edit(2, '0'.repeat(16)), code: 'forged_key' },
    { name: 'another plan', api_key: edit(3, 'paid'), code: 'forged_key' },
    { name: 'another expiry', api_key: edit(4, '1'), code: 'forged_key' },
    { name: 'an unknown signer', api_key: edit(5, '00000000'), code: 'unknown_signer' },
    { name: 'another secret', api_key: edit(6, 'A'.repeat(43)), code: 'forged_key' },
    { name: 'another signature', api_key: edit(7, 'A'.repeat(86)), code: 'forged_key' },
    { name: 'an unknown plan', api_key: edit(3, 'gold'), code: 'malformed_key' },
    { name: 'an expiry with a leading zero', api_key: edit(4, '01'), code: 'malformed_key' },
    { name: 'a tenant in capitals', api_key: edit(1, 'Acme'), code: 'malformed_key' },
    {
      name: 'another spelling of the same secret',
      api_key: edit(6, otherSpelling(API_KEY.split('.')[6] as string)),
      code: 'malformed_key',
    },
    {
      name: 'an expired key of an unknown signer',
      api_key: fixedApiKey('acme', 'expired', 'free', 1).split('.').with(5, '00000000').join('.'),
      code: 'unknown_signer',
    },
    {
      name: 'an expired key that is forged',
      api_key: fixedApiKey('acme', 'expired', 'free', 1).split('.').with(1, 'globex').join('.'),
      code: 'forged_key',
    },
    { name: 'an expiry of 13 digits', api_key: edit(4, '1'.repeat(13)), code: 'malformed_key' },
    { name: 'a tenant of 64 characters', api_key: edit(1, 'a'.repeat(64)), code: 'malformed_key' },
    {
      name: 'another spelling of the same signature',
      api_key: edit(7, otherSpelling(API_KEY.split('.')[7] as string)),
      code: 'malformed_key',
    },
    { name: 'cut short', api_key: API_KEY.slice(0, -1), code: 'malformed_key' },
    { name: 'a newline', api_key: `${API_KEY}\n`, code: 'malformed_key' },
    { name: 'nothing', api_key: '', code: 'malformed_key' },
  ],
});

/** base64url of 32 or 64 bytes leaves bits of its last character unused: changes one of them. */
function otherSpelling(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const value = alphabet.indexOf(part.slice(-1));
  return part.slice(0, -1) + alphabet[value ^ 1];
}
