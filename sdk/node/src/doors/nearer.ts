import type { Span } from '../context/span.ts';

/**
 * Of the shield that is current and one that a framework says is, the one that lies within the other; undefined: the current
 * one, for it was opened within the framework's.
 */
export function nearer(own: Span | undefined, told: Span | undefined): Span | undefined {
  return told !== undefined && (own === undefined || isWithin(told, own)) ? told : undefined;
}

function isWithin(span: Span, outer: Span): boolean {
  for (let each: Span | undefined = span; each !== undefined; each = each.parent)
    if (each === outer) return true;
  // What merely carries a trace is nobody's parent.
  return outer.at === -1 && outer.trace.id !== undefined && outer.trace.id === span.trace.id;
}
