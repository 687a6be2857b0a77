import type { Span } from '../../context/span.ts';
import { core } from '../core.ts';

type Model = { readonly provider: string; readonly modelId: string };
type Params = { readonly tools?: readonly Tool[] };
/** `provider` (`provider-defined` before version 6): the provider itself runs it. */
type Tool = { readonly type: string; readonly name: string };
type Streamed = { readonly stream: ReadableStream<Part> };
type Part = { readonly type?: unknown; readonly error?: unknown };

export type Middleware = {
  readonly specificationVersion: 'v4';
  wrapGenerate<R>(call: Call & { readonly doGenerate: () => PromiseLike<R> }): Promise<R>;
  wrapStream<R extends Streamed>(
    call: Call & { readonly doStream: () => PromiseLike<R> },
  ): Promise<R>;
};
type Call = { readonly params: Params; readonly model: Model };

/** A middleware for `wrapLanguageModel`: each call of the model is a shield, which ends with the answer or its stream. */
export function shieldMiddleware(agent?: string): Middleware {
  const { closeSpan, openSpan, runIn } = core();

  async function within<R>(call: Call, answer: () => PromiseLike<R>, done: Done<R>): Promise<R> {
    const span = openSpan(agent);
    try {
      const answered = await runIn(span, async () => {
        await judge(call);
        return answer();
      });
      return done(span, answered);
    } catch (error) {
      closeSpan(span, 2, error);
      throw error;
    }
  }

  return {
    specificationVersion: 'v4',
    wrapGenerate: ({ doGenerate, ...call }) =>
      within(call, doGenerate, (span, answer) => {
        closeSpan(span, 1);
        return answer;
      }),
    wrapStream: ({ doStream, ...call }) =>
      within(call, doStream, (span, answer) => ({
        ...answer,
        stream: followStream(span, answer.stream),
      })),
  };
}

type Done<R> = (span: Span, answer: R) => R;

/** What the provider runs by itself is decided before it is asked: nobody else could. */
async function judge({ params, model }: Call): Promise<void> {
  const { awaitedPolicy, judgeModel, refuseTool } = core();
  await awaitedPolicy();
  judgeModel(providerOf(model.provider), model.modelId);
  for (const { type, name } of params.tools ?? []) if (type !== 'function') refuseTool(name);
}

/** Such as `openai.responses` and `google.vertex.chat`; policy calls some of them by other names. */
function providerOf(name: string): string {
  const [provider = ''] = name.split('.');
  return OTHER_NAMES[provider] ?? provider;
}

const OTHER_NAMES: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'bedrock',
  azure: 'openai',
  google: 'gemini',
};

/** The shield lasts until the stream is read to its end, fails or is let go; a failure may come as a part. */
function followStream(span: Span, stream: ReadableStream<Part>): ReadableStream<Part> {
  const { closeSpan, runIn } = core();
  const reader = runIn(span, () => stream.getReader());
  let failure: Part | undefined;
  return new ReadableStream<Part>(
    {
      async pull(controller) {
        try {
          const { done, value } = await runIn(span, () => reader.read());
          if (done) {
            closeSpan(span, failure ? 2 : 1, failure?.error);
            controller.close();
            return;
          }
          if (value?.type === 'error') failure = value;
          controller.enqueue(value);
        } catch (error) {
          closeSpan(span, 2, error);
          controller.error(error);
        }
      },
      cancel(reason) {
        closeSpan(span, 2, reason ?? LEFT);
        return runIn(span, () => reader.cancel(reason));
      },
    },
    // Nothing is asked for before it is wanted.
    { highWaterMark: 0 },
  );
}

const LEFT = { code: 'ABORT_ERR' };
