import type { PolicyDocument } from '../policy/policy-document.ts';
import { PolicyError } from '../policy/policy-error.ts';
import { CustomPatternError, compileCustomPattern } from './custom-pattern.ts';

/**
 * Holds a policy's own patterns to RE2, which its form does not show. For whoever writes or publishes a policy: an emitter does not
 * refuse a policy for a pattern, it cannot search bodies by it.
 * @throws {PolicyError} naming the first at fault.
 */
export function checkCustomPatterns({ redact_pii: section }: PolicyDocument): void {
  for (const [at, { pattern }] of (section?.custom ?? []).entries())
    try {
      compileCustomPattern(pattern);
    } catch (error) {
      if (!(error instanceof CustomPatternError)) throw error;
      const says = error.message.replace(/^a pattern /, '');
      throw new PolicyError('bad_value', `redact_pii.custom[${at}].pattern`, says);
    }
}
