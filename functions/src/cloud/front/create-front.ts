import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { refuse, sendRefusal } from '../../door/problem-response.ts';
import { overloaded, turnAway } from '../../door/turn-away.ts';
import { createBodyBudget, declaredTooLarge, readBody, tooLarge } from '../../local/read-body.ts';
import { logFault } from '../log.ts';
import { measure } from '../metrics/measure.ts';
import { inRequest } from '../request-context.ts';

export type FrontOptions = {
  /** For metrics. */
  readonly name: string;
  /** The longest body that this function takes. */
  readonly bodyBytes: number;
  /** Room for all bodies under way at one time. */
  readonly heldBytes?: number;
};

/** A body becomes text, records and messages: some six times its size, in an instance of 1 GiB. */
const HELD_BYTES = 96 * 1024 * 1024;
/** Counted for a request whatever its body, so that very many small ones are too many as well. */
const REQUEST_BYTES = 16 * 1024;
const EXECUTION_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Stands before the functions framework, which would read, inflate and parse whatever comes, keep all of it, and write into
 * the log what it cannot parse. Bodies are bounded one by one and all together; one that there is no room for is answered
 * 503 before it is read. What passes is handed on as `rawBody`, read to its end, so that the framework parses nothing.
 */
export function createFront(next: RequestListener, options: FrontOptions): RequestListener {
  const { name, bodyBytes, heldBytes = HELD_BYTES } = options;
  const reserve = createBodyBudget(heldBytes, (held) =>
    measure('vantio.bytes.held', held, { function: name }),
  );

  const admit = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { headers } = request;
    // The framework puts this one into every line of the log as it comes.
    if (!EXECUTION_ID.test(String(headers['function-execution-id'] ?? '')))
      delete headers['function-execution-id'];
    if (headers['content-encoding'] !== undefined)
      return turnAway(
        request,
        response,
        refuse('unsupported_encoding', 'send the body as it is, without Content-Encoding'),
      );
    if (!hasBody(request)) return next(request, response);
    if (declaredTooLarge(request, bodyBytes))
      return turnAway(request, response, tooLarge(bodyBytes));
    const declared = headers['content-length'];
    const release = reserve(
      REQUEST_BYTES + (declared === undefined ? bodyBytes : Number(declared)),
    );
    if (!release) return turnAway(request, response, overloaded());
    response.once('close', release);
    const body = await readBody(request, bodyBytes);
    if (body === undefined) return;
    if ('problem' in body) return turnAway(request, response, body);
    handOver(request, body);
    next(request, response);
  };

  return (request, response) =>
    inRequest(name, request, () => {
      admit(request, response).catch((error: unknown) => {
        logFault('a request failed', error);
        sendRefusal(response, refuse('internal', 'the operator sees the cause'));
      });
    });
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** As the framework does, but `body` is parsed when somebody asks for it; ingest never does. Not JSON: undefined. */
function handOver(request: IncomingMessage, rawBody: Buffer): void {
  let body: { readonly value: unknown } | undefined;
  Object.defineProperties(request, {
    rawBody: { value: rawBody, writable: true, configurable: true, enumerable: true },
    body: {
      get: () => {
        body ??= { value: parsed(rawBody) };
        return body.value;
      },
      configurable: true,
      enumerable: true,
    },
  });
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
}
