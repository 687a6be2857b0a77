import type { CheckName, Finding, SessionSummary, VerifyReport } from '@vantio/schema';
import type { LogReport } from '@vantio/schema/verify/log/log-report';
import type { ValueCounts } from './value-tally.ts';

/** Findings kept to be printed; beyond it they are counted, so that a spoilt ledger of any size takes constant memory. */
export const MAX_KEPT_FINDINGS = 1000;

export type SessionVerdict = SessionSummary & {
  /** What holds or fails of the session, in the words of the report: *verified*, *gap*, *tail unmeasured*… */
  readonly words: readonly string[];
};

export type VerifyOutcome = Omit<VerifyReport, 'sessions'> & {
  readonly sessions: readonly SessionVerdict[];
  /** Of the logs beside the ledgers. */
  readonly logs: readonly LogReport[];
  readonly files: readonly string[];
  /** In the order they were found. */
  readonly findings: readonly Finding[];
  readonly findingsOmitted: number;
  readonly values: ValueCounts;
};

/** Word of a check that failed, where it is not the check's own name. */
const WRONG_WORDS: Partial<Record<CheckName, string>> = {
  mac: 'MAC wrong',
  received_mac: 'received MAC wrong',
  session_signature: 'session signature wrong',
  origin: 'origin wrong',
  head: 'head missing or other',
  after_end: 'records after the end',
};

const NOTE_WORDS: Partial<Record<CheckName, string>> = {
  mac: 'MAC unmeasured',
  tail: 'tail unmeasured',
  origin: 'origin unattested',
  session_signature: 'session signatures unmeasured',
};

/** Gathers findings: counts all, keeps the first, and remembers of each session which checks spoke. */
export function createFindingLog() {
  const kept: Finding[] = [];
  const wrong: Partial<Record<CheckName, number>> = {};
  const unmeasured: Partial<Record<CheckName, number>> = {};
  const bySession = new Map<string, { wrong: Set<CheckName>; unmeasured: Set<CheckName> }>();
  let omitted = 0;

  const add = (finding: Finding): void => {
    const { check, severity, sessionId } = finding;
    const tally = severity === 'wrong' ? wrong : unmeasured;
    tally[check] = (tally[check] ?? 0) + 1;
    if (kept.length < MAX_KEPT_FINDINGS) kept.push(finding);
    else omitted++;
    if (sessionId === undefined) return;
    let spoken = bySession.get(sessionId);
    if (spoken === undefined) {
      spoken = { wrong: new Set(), unmeasured: new Set() };
      bySession.set(sessionId, spoken);
    }
    spoken[severity].add(check);
  };

  const wordsOf = (sessionId: string, keyed: boolean): readonly string[] => {
    const spoken = bySession.get(sessionId);
    const failed = [...(spoken?.wrong ?? [])].map((check) => WRONG_WORDS[check] ?? check);
    const notes = [...(spoken?.unmeasured ?? [])].map((check) => NOTE_WORDS[check] ?? check);
    return [
      ...(failed.length > 0 ? failed : ['verified']),
      ...(keyed ? [] : ['MAC unmeasured']),
      ...notes.filter((word) => keyed || word !== 'MAC unmeasured'),
    ];
  };

  return { add, wordsOf, kept, wrong, unmeasured, omitted: () => omitted };
}

export type FindingLog = ReturnType<typeof createFindingLog>;

export const verdictOf = ({ wrong, unmeasured }: FindingLog): VerifyReport['verdict'] => {
  if (Object.keys(wrong).length > 0) return 'rejected';
  return Object.keys(unmeasured).length > 0 ? 'verified with notes' : 'verified';
};
