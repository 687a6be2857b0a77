import type { PolicySource } from '../config.ts';
import { applyPolicyFile } from './policy-file.ts';

export type Following = { stop(): void };

/** Brings a source's policy into force and keeps it there. */
export function followPolicy(source: PolicySource): Following {
  if (source.kind === 'file') {
    applyPolicyFile(source.path);
    return { stop: () => undefined };
  }
  throw new Error('not yet');
}
