import { runIn, type Span } from './span.ts';

type Emitter = {
  emit: (this: unknown, event: string | symbol, ...args: unknown[]) => boolean;
  on: unknown;
  listenerCount: unknown;
};
type Close = (span: Span, state: 1 | 2, error?: unknown) => void;

export const isEmitter = (value: object): value is Emitter => {
  const { emit, on, listenerCount } = value as Partial<Emitter>;
  return (
    typeof emit === 'function' && typeof on === 'function' && typeof listenerCount === 'function'
  );
};

const HOOKS = ['_read', '_write', '_writev', '_final', '_transform', '_flush', '_destroy'] as const;
const LAST_EVENTS: ReadonlySet<unknown> = new Set(['close', 'exit']);

/**
 * Gives an emitter or stream that the shield returned own methods that run in the span. Its identity stays, and no
 * listener is added: one on 'error' would change what an unheard error does.
 */
export function bindEmitter(span: Span, emitter: Emitter, close: Close): Emitter {
  const { emit } = emitter;
  define(emitter, 'emit', function (this: unknown, event: string | symbol, ...args: unknown[]) {
    if (event === 'error') close(span, 2, args[0]);
    try {
      return runIn(span, () => Reflect.apply(emit, this, [event, ...args]));
    } finally {
      if (LAST_EVENTS.has(event)) close(span, 1);
    }
  });
  for (const name of HOOKS) bindHook(span, emitter, name);
  if (!endsWithClose(emitter)) close(span, 1);
  return emitter;
}

/** Streams, sockets and child processes say when they are done; of any other emitter nobody knows. */
const endsWithClose = (emitter: object): boolean => {
  const { destroy, kill, destroyed } = emitter as Record<string, unknown>;
  return (typeof destroy === 'function' || typeof kill === 'function') && destroyed !== true;
};

function bindHook(span: Span, emitter: object, name: string): void {
  const hook: unknown = (emitter as Record<string, unknown>)[name];
  if (typeof hook !== 'function') return;
  define(emitter, name, function (this: unknown, ...args: unknown[]) {
    return runIn(span, () => Reflect.apply(hook, this, args));
  });
}

/** Not enumerable, so that printing or copying the emitter shows what it showed before. */
function define(target: object, name: string, value: unknown): void {
  if (Object.isExtensible(target))
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
}
