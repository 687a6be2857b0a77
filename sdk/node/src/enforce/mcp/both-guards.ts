import type {
  BodyGuard,
  BodyRuling,
  Inspection,
  ResponseWatch,
  Ruled,
} from '../body/body-guard.ts';
import { guardedOr } from '../guarded.ts';

/**
 * Two guards of the same requests. The first only looks: what it lets go the second has as it was, and a fault in it is
 * none in the second.
 */
export const bothGuards =
  (first: BodyGuard, second: BodyGuard): BodyGuard =>
  (request) => {
    const one = looked(() => first(request));
    const other = second(request);
    return one && other ? both(one, other) : (one ?? other);
  };

function looked(look: () => Inspection | undefined): Inspection | undefined {
  const inspection = guardedOr('looking at a request', undefined, look);
  return inspection && 'inspect' in inspection ? inspection : undefined;
}

function both(one: Inspection, other: Inspection): Inspection {
  const rest = (body: Uint8Array, text: string | undefined): BodyRuling =>
    other.maxBytes > 0
      ? other.inspect(body, text)
      : { kind: 'send', bytes: body, ...watching(other.pass()) };

  return {
    maxBytes: Math.max(one.maxBytes, other.maxBytes),
    inspect(body, text) {
      const ruled = one.maxBytes > 0 ? inspected(one, body) : go(body, one.pass());
      if (ruled.kind === 'block') return ruled;
      const join = (later: Ruled): Ruled => joinRuled(ruled.watch, later);
      const later = rest(body, text);
      return later.kind === 'wait' ? { kind: 'wait', ruled: later.ruled.then(join) } : join(later);
    },
    pass: () => joined(one.pass(), other.pass()),
    giveUp(reason) {
      const outcome = one.giveUp(reason);
      if ('error' in outcome) return outcome;
      const later = other.giveUp(reason);
      if ('error' in later) {
        outcome.watch?.fail(later.error);
        return later;
      }
      return watching(joined(outcome.watch, later.watch));
    },
  };
}

function inspected(inspection: Inspection, body: Uint8Array): Ruled {
  const ruled = guardedOr('looking at a message', go(body, undefined), () =>
    inspection.inspect(body),
  );
  return 'kind' in ruled && ruled.kind !== 'wait' ? ruled : ({ kind: 'block', ...ruled } as Ruled);
}

const go = (bytes: Uint8Array, watch: ResponseWatch | undefined): Ruled => ({
  kind: 'send',
  bytes,
  ...watching(watch),
});

const watching = (watch: ResponseWatch | undefined): { readonly watch?: ResponseWatch } =>
  watch === undefined ? {} : { watch };

function joinRuled(watch: ResponseWatch | undefined, later: Ruled): Ruled {
  if (later.kind === 'send') return { ...later, ...watching(joined(watch, later.watch)) };
  // It is never sent.
  watch?.fail(later.error);
  return later;
}

function joined(
  one: ResponseWatch | undefined,
  other: ResponseWatch | undefined,
): ResponseWatch | undefined {
  if (!one || !other) return one ?? other;
  return {
    restores: one.restores || other.restores,
    head(status, header) {
      one.head(status, header);
      other.head(status, header);
    },
    data: (chunk) => other.data(one.data(chunk)),
    end() {
      one.end();
      return other.end();
    },
    fail(error) {
      one.fail(error);
      other.fail(error);
    },
  };
}
