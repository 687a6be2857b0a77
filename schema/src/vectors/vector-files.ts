import type { Finding } from '../verify/finding.ts';
import { createLedgerVerifier } from '../verify/ledger-verifier.ts';
import { acceptEnvelopes } from './disclosure-vectors.ts';
import { eventIdVectors } from './event-id-vectors.ts';
import { ledgerFileVectors } from './ledger-file-vectors.ts';
import { type LedgerVector, ledgerVectors } from './ledger-vectors.ts';
import { logVectors } from './log-vectors.ts';
import { acceptRecords, rejectEnvelopes } from './record-vectors.ts';
import { rotationVectors } from './rotation-vectors.ts';
import { API_KEY } from './sample-session.ts';
import { apiKeyVectors, canonicalVectors, commitmentVectors } from './small-vectors.ts';
import { writtenVectors } from './written-vectors.ts';

/** Runs a ledger vector through the verifier; what it should find is checked in and read by a person. */
export function judge(
  vector: Omit<LedgerVector, 'verdict' | 'findings'>,
): Pick<LedgerVector, 'verdict' | 'findings'> {
  const findings: Finding[] = [];
  const verifier = createLedgerVerifier({
    apiKeys: vector.api_keys,
    sessionRoots: vector.session_roots,
    expectHeads: vector.expect_heads.map(({ session_id: sessionId, seq, hash }) => ({
      sessionId,
      seq,
      hash,
    })),
    onFinding: (finding) => findings.push(finding),
  });
  vector.lines.forEach((line, at) => {
    verifier.line(line, { file: 'ledger', line: at + 1 });
  });
  const { verdict } = verifier.finish();
  return {
    verdict,
    findings: findings.map(({ check, severity, line }) => [check, severity, line ?? null]),
  };
}

/** The files of sdk/vectors: name and content. Every language's suite loads every one of them, or fails. */
export function vectorFiles(): ReadonlyMap<string, unknown> {
  const ledgers = ledgerVectors(judge);
  return new Map<string, unknown>([
    ['api-keys.json', apiKeyVectors()],
    ['canonical.json', canonicalVectors()],
    ['commitments.json', commitmentVectors()],
    ['envelopes.accept.json', { api_key: API_KEY, envelopes: acceptEnvelopes() }],
    ['event-ids.json', eventIdVectors()],
    ['ledger-files.json', ledgerFileVectors()],
    ['ledgers.accept.json', ledgers.accept],
    ['ledgers.reject.json', ledgers.reject],
    ['logs.json', logVectors()],
    ['records.accept.json', { api_key: API_KEY, records: acceptRecords() }],
    ['records.reject.json', { api_key: API_KEY, envelopes: rejectEnvelopes() }],
    ['rotations.json', rotationVectors()],
    ['written.json', writtenVectors()],
  ]);
}

export const vectorText = (content: unknown): string => `${JSON.stringify(content, null, 1)}\n`;
