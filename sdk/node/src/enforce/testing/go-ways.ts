import { type Enforced, linesOf, runEnforced } from './run-enforced.ts';

export type Came = {
  readonly text?: string;
  readonly codes?: readonly string[];
  readonly message?: string;
};

/** Runs fixtures/enforced/ways.mjs under a policy. */
export async function goWays(
  policy: object,
  at: Readonly<Record<string, number | string>>,
  ways: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly ran: Enforced; readonly came: Readonly<Record<string, Came>> }> {
  const ran = await runEnforced(
    'enforced/ways.mjs',
    { v: 1, version: 1, ...policy },
    { args: [JSON.stringify({ ways, at })], env },
  );
  const [came] = linesOf<Record<string, Came>>(ran);
  if (!came) throw new Error(`${ran.code}: ${ran.stderr}`);
  return { ran, came };
}

export const refusals = ({ records }: Enforced): number =>
  records.filter(({ action_taken }) => action_taken === 'BLOCKED_HOST').length;
