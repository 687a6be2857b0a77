import { readFileSync } from 'node:fs';
import { parsePolicy } from '@vantio/schema/policy/parse-policy';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { checkCustomPatterns } from '@vantio/schema/redact/check-custom-patterns';
import { CliError, systemCode } from '../cli-error.ts';

/**
 * A program must not run unguarded for a mistyped rule: the SDK itself, which may not stop it, would only observe.
 * @throws {CliError} when the file holds no policy.
 */
export function requirePolicy(file: string): void {
  try {
    checkCustomPatterns(parsePolicy(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof PolicyError) throw new CliError(`${file}: ${error.message}.`);
    throw new CliError(`${file} cannot be read (${systemCode(error)}); name a policy file.`);
  }
}
