/** `not measured` is no weaker `proved`: whoever reads the report knows as much of the claim as before. */
export type Verdict = 'proved' | 'refuted' | 'not measured';

export const PROBES = [
  'insert-only',
  'roles',
  'accounts',
  'end-to-end',
  'dead-letter',
  'federated',
  'rate-limit',
] as const;
export type ProbeName = (typeof PROBES)[number];

/** One claim about the project, and what was seen of it. Holds no key, no token and no row. */
export type Finding = {
  readonly probe: ProbeName;
  readonly claim: string;
  readonly verdict: Verdict;
  readonly because: string;
};

/** A probe's findings, and what it measured or left behind beside them. */
export type Outcome = {
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
};

/** The findings of one probe. */
export const findingsOf =
  (probe: ProbeName) =>
  (verdict: Verdict, claim: string, because: string): Finding => ({
    probe,
    claim,
    verdict,
    because,
  });

/** Of several observations on one claim: one that contradicts it outweighs all, and one that is missing leaves it open. */
export const worstOf = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes('refuted')
    ? 'refuted'
    : verdicts.includes('not measured') || verdicts.length === 0
      ? 'not measured'
      : 'proved';
