import type { Span } from './span.ts';

/** Shields entered and not yet left: told of at a flush, so that a long or endless one is not invisible. */
export const openSpans = new Set<Span>();
