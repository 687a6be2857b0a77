import { currentSpan } from '../context/current-span.ts';
import { EXEMPT, type Span, storage } from '../context/span.ts';

const NOBODY: readonly undefined[] = [undefined];

/** Names of the shields that the current call is in, the innermost first: it is held to the rules of each. */
export function currentAgents(span = currentSpan()): readonly (string | undefined)[] {
  if (span === undefined || span.name === undefined) return outer(span?.parent);
  if (span.parent === undefined) return [span.name];
  return [span.name, ...outer(span.parent).filter((name) => name !== undefined)];
}

function outer(first: Span | undefined): readonly (string | undefined)[] {
  const names: string[] = [];
  for (let span = first; span !== undefined; span = span.parent)
    if (span.name !== undefined && !names.includes(span.name)) names.push(span.name);
  return names.length === 0 ? NOBODY : names;
}

/** Whether the call is our own: it is held to nothing. */
export const isOurs = (): boolean => storage.getStore() === EXEMPT;
