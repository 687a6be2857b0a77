import {
  type Json,
  KEY_PROBLEMS,
  problems,
  rateHeaders,
  SERVER_PROBLEMS,
} from './openapi-parts.ts';
import type { ProblemCode } from './problem.ts';

type LogAnswer = { readonly summary: string; readonly type: string };

const logOperation = (
  operationId: string,
  { summary, type }: LogAnswer,
  path: Readonly<Record<string, string>> = {},
  more: readonly ProblemCode[] = [],
): Json => ({
  operationId,
  summary,
  ...(Object.keys(path).length === 0
    ? {}
    : {
        parameters: Object.entries(path).map(([name, pattern]) => ({
          name,
          in: 'path',
          required: true,
          schema: { type: 'string', pattern },
        })),
      }),
  responses: {
    200: {
      description: summary,
      headers: rateHeaders(),
      content: { [type]: { schema: { type: 'string' } } },
    },
    ...problems(
      ...KEY_PROBLEMS,
      'not_sealed',
      'not_found',
      'rate_limited',
      ...more,
      ...SERVER_PROBLEMS,
    ),
  },
});

const SIZE = '^(0|[1-9][0-9]{0,15})$';
const TILE = '^(x[0-9]{3}/){0,5}[0-9]{3}([.]p/[1-9][0-9]{0,2})?$';
const TEXT = 'text/plain';
const BYTES = 'application/octet-stream';

/** The log, by C2SP tlog-tiles: schema/log.md. */
export const logPaths = (): Json => ({
  '/api/v1/checkpoint': {
    get: logOperation('checkpoint', {
      summary: 'The newest checkpoint, and who cosigned it.',
      type: TEXT,
    }),
  },
  '/api/v1/checkpoints/{size}': {
    get: logOperation(
      'checkpointAt',
      { summary: 'The checkpoint of a size that was published.', type: TEXT },
      { size: SIZE },
    ),
  },
  '/api/v1/rotations/{number}': {
    get: logOperation(
      'rotation',
      {
        summary: 'The note by which a key of the log handed over to the next, counted from 1.',
        type: TEXT,
      },
      { number: SIZE },
    ),
  },
  '/api/v1/tile/{level}/{tile}': {
    get: logOperation(
      'tile',
      { summary: 'A tile of hashes; at the level `entries`, a bundle of entries.', type: BYTES },
      { level: '^(entries|[0-9]{1,2})$', tile: TILE },
      ['operator_only'],
    ),
  },
  '/api/v1/proof/{eventId}': {
    get: logOperation(
      'proof',
      {
        summary: 'A tlog-proof that the record is in the log; its extra data is the entry.',
        type: TEXT,
      },
      { eventId: '^[0-9a-f-]{36}$' },
    ),
  },
  '/api/v1/consistency/{first}/{second}': {
    get: logOperation(
      'consistency',
      {
        summary: 'Hashes that prove one tree to be the beginning of another, base64, one a line.',
        type: TEXT,
      },
      { first: SIZE, second: SIZE },
    ),
  },
  '/api/v1/cosignatures': {
    post: {
      ...logOperation(
        'cosignatures',
        { summary: 'How many lines were taken.', type: 'application/json' },
        {},
        ['other_tree', 'bad_cosignature', 'body_too_large', 'request_timeout'],
      ),
      requestBody: {
        required: true,
        description: 'A checkpoint of this log with signature lines of witnesses.',
        content: { [TEXT]: { schema: { type: 'string' } } },
      },
    },
  },
});
