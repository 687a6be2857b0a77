import { type Finding, findingsOf, type Outcome, PROBES, type ProbeName } from './finding.ts';
import { probeAccounts } from './probes/accounts.ts';
import { type Context, createContext } from './probes/context.ts';
import { probeDeadLetter } from './probes/dead-letter.ts';
import { probeEndToEnd } from './probes/end-to-end.ts';
import { probeFederated } from './probes/federated.ts';
import { probeInsertOnly } from './probes/insert-only.ts';
import { probeRateLimit } from './probes/rate-limit.ts';
import { probeRoles } from './probes/roles.ts';
import type { Subject } from './subject.ts';

const RUN: Readonly<Record<ProbeName, (context: Context) => Promise<Outcome>>> = {
  'insert-only': probeInsertOnly,
  roles: probeRoles,
  accounts: probeAccounts,
  'end-to-end': probeEndToEnd,
  'dead-letter': probeDeadLetter,
  federated: probeFederated,
  'rate-limit': probeRateLimit,
};

/** Runs what was asked for, in the order of `PROBES`, one after the other. A probe that breaks has measured nothing. */
export async function runProbes(
  subject: Subject,
  asked: readonly ProbeName[],
  onOutcome: (probe: ProbeName, outcome: Outcome) => void = () => {},
): Promise<{
  readonly findings: readonly Finding[];
  readonly notes: readonly { readonly probe: ProbeName; readonly note: string }[];
}> {
  const context = await createContext(subject);
  const findings: Finding[] = [];
  const notes: { readonly probe: ProbeName; readonly note: string }[] = [];
  for (const probe of PROBES.filter((name) => asked.includes(name))) {
    const outcome = await RUN[probe](context).catch((error: unknown) => broken(probe, error));
    onOutcome(probe, outcome);
    findings.push(...outcome.findings);
    notes.push(...outcome.notes.map((note) => ({ probe, note })));
  }
  return { findings, notes };
}

const broken = (probe: ProbeName, error: unknown): Outcome => ({
  findings: [
    findingsOf(probe)(
      'not measured',
      `what ${probe} asks`,
      `it broke off: ${error instanceof Error ? error.message : String(error)}`,
    ),
  ],
  notes: [],
});
