import { currentAgents } from '../agents.ts';
import { inForce } from '../in-force.ts';
import { redactingFor } from './redaction.ts';
import { vouchFor } from './vouched.ts';

/** What a middleware of AWS's clients sees of a request before it is signed. */
export type AwsRequest = {
  body?: unknown;
  readonly headers?: Record<string, string>;
};
type Args = { request?: unknown };
type Next = (args: Args) => Promise<unknown>;
type Client = {
  readonly middlewareStack: {
    add(middleware: (next: Next) => Next, options: Readonly<Record<string, unknown>>): void;
  };
};

/** A signature covers the body, so it is redacted in the step before: what is signed is what is sent. */
export function guardBedrock<C>(client: C): C {
  const { middlewareStack } = client as Client;
  middlewareStack.add(
    (next) => (args) => {
      redactUnsigned(args.request as AwsRequest);
      return next(args);
    },
    { step: 'build', name: 'vantio', priority: 'low', override: true },
  );
  return client;
}

function redactUnsigned(request: AwsRequest): void {
  const redaction = inForce.policy()?.redaction;
  if (!redaction || !currentAgents().some((agent) => redaction.appliesTo(agent))) return;
  const { body, headers = {} } = request;
  const before =
    typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? body : undefined;
  // A stream is judged on its way out, where it is signed in parts or not at all.
  if (!before) return;
  const redacting = redactingFor(redaction);
  const result = redacting.body(before, {
    provider: 'bedrock',
    contentType: headers['content-type'],
  });
  // What cannot be looked at here cannot be there either: it is judged, and recorded, on its way out.
  if (result.kind === 'unscanned') return;
  const after = redaction.isEnforced ? result.bytes : before;
  vouchFor(after, { result, redacting });
  if (after === before) return;
  request.body = after;
  if (headers['content-length'] !== undefined) headers['content-length'] = String(after.length);
}
