import type { BodyFacts } from './body/body-facts.ts';
import type { BodyResult } from './body/body-result.ts';
import type { Counts } from './entity.ts';
import type { Match } from './match.ts';

/** Made once for a policy by `createRedactor(settings)` and used for every call. Throws nothing. */
export type Redactor = {
  readonly scan: (text: string) => readonly Match[];
  readonly text: (text: string) => { readonly text: string; readonly counts: Counts };
  /** The body of a request; bytes outside replaced values stay as they were. */
  readonly body: (bytes: Uint8Array, facts: BodyFacts) => BodyResult;
};
