import { traceSignature } from '@vantio/schema';
import { findingsOf, type Outcome } from '../finding.ts';
import { answerOf, inWords } from '../spanner/answer.ts';
import type { Context } from './context.ts';
import { createLedgerReader } from './ledger-reader.ts';
import { send } from './send.ts';
import { until } from './until.ts';

const PROBE = 'end-to-end';
const found = findingsOf(PROBE);
const TAKEN = 'a sealed session sent over HTTP is answered 202, with the signature of its trace';
const STORED = 'every record of it stands in the ledger with the same bytes';

/** A session's way through the door, Pub/Sub and the writer into the ledger. */
export async function probeEndToEnd({ subject, owner, sent }: Context): Promise<Outcome> {
  const { apiKey, patience, sleep } = subject;
  const body = sent.records.map(({ envelope }) => `${envelope}\n`).join('');
  const started = performance.now();
  const answer = await send(subject, body);
  if (typeof answer === 'string' || answer.status >= 500)
    return nothing(typeof answer === 'string' ? answer : `answered ${answer.status}`);
  if (answer.status !== 202) return nothing(`answered ${answer.status}`, 'refuted');
  const acknowledged = performance.now();
  const signed = answer.headers.get('x-vantio-signature') === traceSignature(apiKey, sent.traceId);
  const taken = found(
    signed ? 'proved' : 'refuted',
    TAKEN,
    signed ? '202' : '202, with another signature or none',
  );

  const read = createLedgerReader(owner);
  const sessionId = sent.records[0]?.record.session_id ?? '';
  const isSame = (stored: ReadonlyMap<string, string>) =>
    sent.records.filter(({ hash, canonical }) => stored.get(hash) === canonical).length;
  const stored = await answerOf(() =>
    until({
      patience,
      sleep,
      look: async () => isSame(await read(sent.tenantId, sessionId)),
      enough: (same) => same === sent.records.length,
    }),
  );
  const took = (from: number, to: number): string => `${((to - from) / 1000).toFixed(2)} s`;
  const ended = performance.now();
  if (stored.kind === 'failed')
    return {
      findings: [taken, found('not measured', STORED, `the owner's read: ${inWords(stored)}`)],
      notes: [],
    };
  const all = stored.value === sent.records.length;
  return {
    findings: [
      taken,
      found(
        all ? 'proved' : 'refuted',
        STORED,
        `${stored.value} of ${sent.records.length} after ${took(acknowledged, ended)}`,
      ),
    ],
    notes: [
      `acknowledged after ${took(started, acknowledged)}`,
      ...(all ? [`readable ${took(acknowledged, ended)} after that`] : []),
    ],
  };
}

const nothing = (
  because: string,
  verdict: 'refuted' | 'not measured' = 'not measured',
): Outcome => ({
  findings: [
    found(verdict, TAKEN, because),
    found('not measured', STORED, 'nothing was acknowledged'),
  ],
  notes: [],
});
