import type { KeyObject } from 'node:crypto';
import type { HttpFunction, Request } from '@google-cloud/functions-framework';
import { makeApiKey, readApiKey } from '@vantio/schema';
import {
  type KeyAnswer,
  type KeyRequest,
  keyRequestSchema,
  revocationRequestSchema,
} from '@vantio/schema/wire/key-request';
import type { z } from 'zod';
import { type Refusal, refuse, sendJson, sendRefusal } from '../../door/problem-response.ts';
import type { LogFields } from '../log.ts';
import { KeymakerError } from './open-key-maker.ts';
import { RevocationListError, RevocationListFullError, type Revoke } from './revoke.ts';

export type KeymakerOptions = {
  /** The key-making key; asked for each key, so that a new one is used without a restart. */
  readonly signer: () => Promise<KeyObject>;
  readonly revoke: Revoke;
  /** The one tenant that may have keys of plan `control`. */
  readonly operatorTenant: string;
  /** What was made or revoked: ids, never a key. */
  readonly log: (event: 'key_created' | 'keys_revoked', fields: LogFields) => void;
  readonly onFault: (message: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

const MAX_BYTES = 64 * 1024;

/**
 * `POST /keys` makes an API key, `POST /revocations` revokes some. Who may call is Cloud Run's to decide (roles/run.invoker):
 * the caller is trusted, and what was sent is checked all the same.
 */
export function createKeymaker(options: KeymakerOptions): HttpFunction {
  const { signer, revoke, operatorTenant, log, onFault, now = Date.now } = options;

  const makeKey = async (request: KeyRequest): Promise<KeyAnswer | Refusal> => {
    const { tenant_id, plan, expires_at } = request;
    if (plan === 'control' && tenant_id !== operatorTenant)
      return invalid(
        'plan',
        'control is for the keys of the tenant that VANTIO_OPERATOR_TENANT names',
      );
    const expiresAt = expires_at === undefined ? 0 : Math.floor(Date.parse(expires_at) / 1000);
    if (expires_at !== undefined && expiresAt * 1000 <= now())
      return invalid('expires_at', 'the time has passed already');
    const api_key = makeApiKey({ tenantId: tenant_id, plan, expiresAt }, await signer());
    const { keyId: key_id, signerId: signer_id } = readApiKey(api_key);
    log('key_created', { key_id, tenant_id, plan, signer_id, expires_at });
    return { api_key, key_id, signer_id, ...request };
  };

  const answer = async (request: Request): Promise<object | Refusal> => {
    if (request.path !== '/keys' && request.path !== '/revocations')
      return refuse('not_found', 'the paths are /keys and /revocations');
    if (request.method !== 'POST')
      return refuse('method_not_allowed', 'the method is POST', {}, { allow: 'POST' });
    if ((request.rawBody?.length ?? 0) > MAX_BYTES)
      return refuse('body_too_large', `the body is over ${MAX_BYTES} bytes`);
    if (!request.is('application/json'))
      return refuse('unsupported_media_type', 'send application/json');
    if (request.path === '/keys') {
      const wanted = keyRequestSchema.safeParse(request.body);
      return wanted.success ? makeKey(wanted.data) : invalidBy(wanted.error);
    }
    const wanted = revocationRequestSchema.safeParse(request.body);
    if (!wanted.success) return invalidBy(wanted.error);
    const { key_ids } = wanted.data;
    const revoked = await revoke(key_ids);
    log('keys_revoked', { key_ids: key_ids.join(','), version: revoked.version });
    return revoked;
  };

  const refusalOf = (error: unknown): Refusal => {
    onFault('the keymaker failed', error);
    if (error instanceof KeymakerError) return refuse('keymaker_unusable', error.message);
    if (error instanceof RevocationListError)
      return refuse(
        'revocations_unreadable',
        `${error.message}: put back its last good version first`,
      );
    if (error instanceof RevocationListFullError)
      return refuse(
        'revocations_full',
        'the list is as long as Secret Manager takes it; rotate the key-making key, so that the keys on it are void without it',
      );
    return refuse('internal', 'nothing was made; the log says what failed');
  };

  return async (request, response) => {
    try {
      const given = await answer(request);
      if (isRefusal(given)) sendRefusal(response, given);
      else sendJson(response, request.path === '/keys' ? 201 : 200, JSON.stringify(given));
    } catch (error) {
      sendRefusal(response, refusalOf(error));
    }
  };
}

const invalid = (field: string, detail: string): Refusal =>
  refuse('invalid_request', `${field}: ${detail}`, { field });

/** Names field and rule: the value may be a key that somebody sent by mistake. */
function invalidBy({ issues }: z.ZodError): Refusal {
  const [first] = issues;
  const field = first?.path.join('.') || 'body';
  const rule = first?.code === 'unrecognized_keys' ? 'has a field that is not known' : first?.code;
  return refuse('invalid_request', `${field} is not of its form (${rule ?? 'invalid'})`, { field });
}

const isRefusal = (given: object | Refusal): given is Refusal => 'problem' in given;
