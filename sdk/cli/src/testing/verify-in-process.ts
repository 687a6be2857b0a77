import type { VerifyOutcome } from '../verify/outcome.ts';
import { runVerify, type VerifyOptions } from '../verify/run-verify.ts';

const NONE: VerifyOptions = {
  keyFile: [],
  sessionRoot: [],
  expectHead: [],
  vkey: [],
  witness: [],
  receipts: [],
  checkpoint: [],
};

/** The verify command in this process. */
export const verifyAll = (
  files: readonly string[],
  options: Partial<VerifyOptions> = {},
): Promise<VerifyOutcome> => runVerify(files, { ...NONE, ...options });

export const verify = (
  file: string,
  options: Partial<VerifyOptions> = {},
): Promise<VerifyOutcome> => verifyAll([file], options);

/** What was found, in short: each check once. */
export const failedChecks = ({ wrong }: VerifyOutcome): readonly string[] =>
  Object.keys(wrong).sort();
