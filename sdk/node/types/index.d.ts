/** What a record may say of how bad an anomaly is. */
export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/**
 * Makes a function whose every call is one span of a trace: of the caller's when there is one, else of a new one. The
 * function is otherwise the same: arguments, `this`, result and errors pass through. What it returns stays in the trace
 * while it works: promises and thenables until they settle, generators and async iterables until they are done, streams
 * and child processes until they close.
 *
 * @param name of the agent; recorded only as a salted commitment, with its disclosure kept apart.
 * @throws {TypeError} when `fn` is not a function; the shielded function itself adds no error of its own.
 */
export function shield<F extends (...args: never[]) => unknown>(fn: F): F;
export function shield<F extends (...args: never[]) => unknown>(name: string, fn: F): F;

/** The current trace: 32 lower-case hex digits (W3C Trace Context trace-id), or undefined outside any trace. */
export function getCurrentTraceId(): string | undefined;

/**
 * Records an anomaly in the current trace. Never throws.
 * @param code 1 to 64 of `a-z 0-9 _ . -`; what does not fit is made to fit, with `_` for other bytes. Never a message.
 */
export function reportAnomaly(code: string, options?: { severity?: Severity }): void;

/**
 * An environment for a child process that carries the current trace: VANTIO_TRACE_ID first, TRACEPARENT, then `base`
 * (by default this process's own environment).
 */
export function childEnv(
  base?: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined>;

/** Runs `fn` in the trace of a W3C `traceparent` header; a missing or malformed one changes nothing. */
export function continueTrace<R>(traceparent: string | null | undefined, fn: () => R): R;

/**
 * Headers that carry the current trace to a service, as W3C Trace Context has it: for requests that VANTIO_TRACEPARENT does not
 * name or cannot reach. Empty outside any trace.
 */
export function traceHeaders(): { traceparent?: string };

/**
 * Hands on what was recorded so far; resolves when it is stored, spooled to disk, or counted as lost. Never rejects.
 * Await it before a serverless function is frozen.
 */
export function flush(): Promise<void>;

/** Ends the session with a signed record and stops recording; traces go on working. Never rejects. */
export function shutdown(): Promise<void>;

/**
 * What a call that policy forbids fails with: no byte of it has left. Clients hand it on as it is or as a `cause`; where a
 * program has several copies of the library, go by `code`.
 */
export declare class VantioBlockedError extends Error {
  private constructor();
  readonly code:
    | 'BLOCKED_HOST'
    | 'BLOCKED_MODEL'
    | 'BLOCKED_SPEND'
    | 'BLOCKED_TOOL'
    | 'BLOCKED_UNAVAILABLE'
    | 'BLOCKED_UNSCANNED';
  /** Rule of the policy that refused it: its id, or its place such as `blocked_hosts.0`. */
  readonly ruleId: string;
  /** Trace of the call, as in its record. */
  readonly traceId: string | undefined;
}

/** The policy in force, in words fit to hand to a model; undefined when none is. */
export function getPolicy():
  | { readonly version: number; readonly mode: 'enforce' | 'dry_run'; readonly text: string }
  | undefined;

/**
 * Why a call was refused and what is allowed, in words fit to hand to a model. They quote nothing that the call carried.
 * @param error what the client threw: the refusal is looked for in its causes. Undefined when there is none.
 */
export function explain(error: unknown): string | undefined;

/**
 * Redacts what a client of `@aws-sdk/client-bedrock-runtime` sends, before it is signed: once it is signed its body cannot
 * be changed. Without a policy in force it does nothing.
 * @returns the client
 */
export function guardBedrock<C extends { readonly middlewareStack: object }>(client: C): C;

/**
 * Records the tools that a client of `@modelcontextprotocol/sdk`, or of `@modelcontextprotocol/client`, calls, over
 * whatever transport: the server's name, the tool's, sizes, duration and outcome; never arguments or results. Where a policy
 * is in force the calls are held to its `tools`.
 * @returns the client
 * @throws {TypeError} when it has no `connect()`
 */
export function guardMcp<C extends { connect(transport: never): Promise<unknown> }>(client: C): C;
