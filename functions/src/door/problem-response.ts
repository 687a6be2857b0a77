import { channel } from 'node:diagnostics_channel';
import { PROBLEMS, type Problem, type ProblemCode } from '@vantio/schema/wire/problem';

/** What a refused request is told, and with which headers. */
export type Refusal = {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
};

type Place = Partial<Pick<Problem, 'record' | 'field' | 'code' | 'resets_at'>>;

export const refuse = (
  code: ProblemCode,
  detail: string,
  place: Place = {},
  headers: Readonly<Record<string, string>> = {},
): Refusal => {
  const [status, title] = PROBLEMS[code];
  return {
    problem: { type: `urn:vantio:problem:${code}`, title, status, detail, ...place },
    headers: status === 401 ? { 'www-authenticate': challenge(code), ...headers } : headers,
  };
};

/** RFC 6750 section 3. */
const challenge = (code: ProblemCode): string =>
  code === 'missing_key' ? 'Bearer realm="vantio"' : 'Bearer realm="vantio", error="invalid_token"';

/** The part of an HTTP response that both node:http and Express have. */
type Response = {
  readonly headersSent: boolean;
  writeHead(status: number, headers: Record<string, string | number>): unknown;
  end(body: string): unknown;
};

export function sendJson(
  response: Response,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  type = 'application/json',
): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}

/** Says with which problem a request is answered, in the request's own context: cloud mode counts and logs it. */
export const refusals = channel('vantio.refused');

export const sendRefusal = (response: Response, { problem, headers }: Refusal): void => {
  if (response.headersSent) return;
  refusals.publish(problem);
  sendJson(response, problem.status, JSON.stringify(problem), headers, 'application/problem+json');
};
