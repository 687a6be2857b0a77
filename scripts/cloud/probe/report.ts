import type { Finding, Outcome, ProbeName, Verdict } from './finding.ts';

export type Report = {
  /** Of the one who looked. RFC 3339. */
  readonly at: string;
  readonly project: string;
  readonly url: string;
  /** What was not asked for, too: nothing is known of it. */
  readonly not_asked: readonly ProbeName[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly findings: readonly Finding[];
  readonly notes: readonly { readonly probe: ProbeName; readonly note: string }[];
};

export const countsOf = (findings: readonly Finding[]): Readonly<Record<Verdict, number>> => ({
  proved: count(findings, 'proved'),
  refuted: count(findings, 'refuted'),
  'not measured': count(findings, 'not measured'),
});

const count = (findings: readonly Finding[], verdict: Verdict): number =>
  findings.filter((finding) => finding.verdict === verdict).length;

/** Of these every request is refused alike: the reason of what is proved is in the JSON document only. */
const BRIEF: ReadonlySet<ProbeName> = new Set(['insert-only', 'roles', 'accounts']);
const INDENT = ' '.repeat(16);

/** One probe as it is done: its claims with their verdicts, then what is beside them. */
export function renderOutcome(probe: ProbeName, { findings, notes }: Outcome): string {
  const lines = findings.map(({ verdict, claim, because }) => {
    const line = `  ${verdict.padEnd(12)}  ${claim}`;
    return verdict === 'proved' && BRIEF.has(probe) ? line : `${line}\n${INDENT}${because}`;
  });
  return [probe, ...lines, ...notes.map((note) => `  note          ${note}`), ''].join('\n');
}

export function renderEnd({ counts, findings, not_asked }: Report): string {
  const wrong = findings.filter(({ verdict }) => verdict === 'refuted');
  return [
    ...wrong.map(({ probe, claim }) => `REFUTED  ${probe}: ${claim}`),
    ...(not_asked.length === 0 ? [] : [`not asked: ${not_asked.join(', ')}`]),
    `${counts.proved} proved, ${counts.refuted} refuted, ${counts['not measured']} not measured`,
    '',
  ].join('\n');
}
