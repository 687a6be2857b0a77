import { readFileSync } from 'node:fs';
import { parsePolicy } from '@vantio/schema/policy/parse-policy';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { checkCustomPatterns } from '@vantio/schema/redact/check-custom-patterns';
import { CliError, systemCode } from '../cli-error.ts';
import { inFile } from '../policy/read-policy-file.ts';

/**
 * A program must not run unguarded for a mistyped rule: the SDK itself, which may not stop it, would only observe.
 * @throws {CliError} when the file holds no policy.
 */
export function requirePolicy(file: string): void {
  try {
    checkCustomPatterns(parsePolicy(readFileSync(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof PolicyError))
      throw new CliError(`${file} cannot be read (${systemCode(error)}); name a policy file.`);
    throw error.path === 'policy'
      ? new CliError(
          `${file} is a policy as it is served to emitters; a file takes what stands under "policy" in it.`,
        )
      : inFile(file, error);
  }
}
