/** A middleware for `wrapLanguageModel` of the AI SDK, by shape: it fits what that takes. */
export type ShieldMiddleware = {
  readonly specificationVersion: 'v4';
  wrapGenerate<R>(call: {
    readonly doGenerate: () => PromiseLike<R>;
    readonly params: object;
    readonly model: { readonly provider: string; readonly modelId: string };
  }): Promise<R>;
  wrapStream<R extends { readonly stream: ReadableStream }>(call: {
    readonly doStream: () => PromiseLike<R>;
    readonly params: object;
    readonly model: { readonly provider: string; readonly modelId: string };
  }): Promise<R>;
};

/**
 * Makes each call of a wrapped model a shield: of the caller's trace when there is one, else of a new one. It ends with the
 * answer, or when its stream is read to the end, fails or is let go. Under a policy a model that it forbids, and a request
 * that offers the model a tool of the provider's own that it forbids, fail with a `VantioBlockedError` before anything is
 * sent.
 *
 * @param agent name of the shield, to which rules for one agent apply
 */
export function shieldMiddleware(agent?: string): ShieldMiddleware;

/**
 * The same tools, each of which records its calls: name, duration and outcome, never arguments or results. Under a policy a tool
 * that it forbids rejects with a `VantioBlockedError` (`BLOCKED_TOOL`) before anything of it has run, which the AI SDK
 * hands to the model as the error of that tool. Tools without `execute` run elsewhere, and stay as they are.
 *
 * @param agent makes each call a shield of that name
 */
export function guardTools<T extends object>(tools: T, agent?: string): T;
