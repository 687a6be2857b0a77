import type { HttpFunction, Request, Response } from '@google-cloud/functions-framework';
import { encodeBase64 } from '@vantio/schema/tlog/note';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { type Caller, type Doorkeeper, isRefusal } from '../door/doorkeeper.ts';
import { type Refusal, refuse, sendRefusal } from '../door/problem-response.ts';
import type { RateLimiter } from '../door/rate-limit.ts';
import type { LogReader } from './log-reader.ts';

export type LogOptions = {
  /** The log that holds a tenant's records. */
  readonly logOf: (tenantId: string) => LogReader;
  /** Whether it holds those of other tenants as well: its bundles are the operator's then. */
  readonly isShared: boolean;
  readonly doorkeeper: Doorkeeper;
  readonly rateLimiter: RateLimiter;
  readonly onFault: (message: string, error: unknown) => void;
};

type Body = { readonly bytes: string | Uint8Array; readonly type: string; readonly cache: string };
type Answer = Body | Refusal;

const TEXT = 'text/plain; charset=utf-8';
const MOVING = 'private, no-cache';
const IMMUTABLE = 'private, max-age=31536000, immutable';

/** The log's endpoints: schema/log.md, section 3. */
export function createLog(options: LogOptions): HttpFunction {
  const { logOf, isShared, doorkeeper, rateLimiter, onFault } = options;
  return async (request, response) => {
    const caller = doorkeeper(request.headers.authorization);
    if (isRefusal(caller)) return sendRefusal(response, caller);
    if (!(await rateLimiter(request, response, caller))) return;
    try {
      const log = logOf(caller.claims.tenantId);
      const mayReadBundles = !isShared || caller.claims.plan === 'control';
      const answer = await answerTo(log, request, caller, mayReadBundles);
      if ('problem' in answer) sendRefusal(response, answer);
      else send(response, answer);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.problem.status === 500) onFault('the log cannot be read', error);
      sendRefusal(response, refusal);
    }
  };
}

async function answerTo(
  log: LogReader,
  request: Request,
  caller: Caller,
  mayReadBundles: boolean,
): Promise<Answer> {
  const path = request.path.replace(/^\/api\/v1\//, '');
  const [what, ...rest] = path.split('/');
  switch (what) {
    case 'checkpoint':
      return text(await log.checkpoint(), MOVING);
    case 'checkpoints':
      return text(await log.checkpointAt(sizeOf(rest.join('/'))), IMMUTABLE);
    case 'rotations':
      return text(await log.rotation(sizeOf(rest.join('/'))), IMMUTABLE);
    case 'consistency': {
      const [first = '', second = '', ...more] = rest;
      const hashes = await log.consistency(sizeOf(first), sizeOf([second, ...more].join('/')));
      return text(hashes.map((hash) => `${encodeBase64(hash)}\n`).join(''), IMMUTABLE);
    }
    case 'proof':
      return text(await log.proof(caller.claims.tenantId, eventIdOf(rest.join('/'))), MOVING);
    case 'tile':
      return tile(log, path, mayReadBundles);
    case 'cosignatures': {
      const taken = await log.takeCosignatures((request.rawBody ?? Buffer.alloc(0)).toString());
      return { bytes: JSON.stringify(taken), type: 'application/json', cache: 'no-store' };
    }
    default:
      return notFound();
  }
}

async function tile(log: LogReader, path: string, mayReadBundles: boolean): Promise<Answer> {
  if (path.startsWith('tile/entries/') && !mayReadBundles)
    return refuse(
      'operator_only',
      'a bundle holds records of every tenant of this ledger: only a key of plan control may read it. A record of yours comes with GET /api/v1/proof/EVENT-ID',
    );
  const bytes = await log.tile(path);
  return bytes === undefined
    ? refuse(
        'not_sealed',
        'the log has no such tile; a partial one may have made way for the full one',
      )
    : { bytes, type: 'application/octet-stream', cache: IMMUTABLE };
}

const text = (bytes: string | Uint8Array | undefined, cache: string): Answer =>
  bytes === undefined
    ? refuse(
        'not_sealed',
        'the log does not hold this; what was just taken in is sealed within seconds',
      )
    : { bytes, type: TEXT, cache };

/** @param text attacker-controlled. */
function sizeOf(text: string): number {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new TlogError('bad_path', 'a tree size is a whole number from 0 to 2^53 - 1');
  return Number(text);
}

function eventIdOf(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text))
    throw new TlogError('bad_path', 'the last part of the path is not an event id');
  return text;
}

const notFound = (): Refusal => refuse('not_found', 'schema/log.md names the paths of the log');

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof TlogError)) return refuse('internal', 'the operator sees the cause');
  switch (error.code) {
    case 'bad_path':
    case 'bad_size':
    case 'bad_index':
      return refuse('not_found', error.message);
    case 'inconsistent':
      return refuse('other_tree', error.message);
    case 'bad_tile':
    case 'bad_bundle':
      return refuse('internal', 'the operator sees the cause');
    default:
      return refuse('bad_cosignature', error.message);
  }
}

function send(response: Response, { bytes, type, cache }: Body): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': Buffer.byteLength(bytes),
    'cache-control': cache,
    'x-content-type-options': 'nosniff',
    vary: 'authorization',
  });
  response.end(bytes);
}
