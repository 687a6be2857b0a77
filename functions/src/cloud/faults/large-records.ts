import { randomBytes } from 'node:crypto';
import { commitment, type Disclosure } from '@vantio/schema';
import type { Emitter } from '../testing/records.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

/**
 * Lines of a session whose records disclose as many values as a record can: two paths.
 * @param characters of each path, three bytes each.
 */
export function disclosingLines(
  { session }: Emitter,
  count: number,
  characters: number,
): readonly string[] {
  const start = session.seal(
    {
      event_type: 'session_start',
      action_taken: 'RECORDED',
      evidence: 'observed',
      trace_origin: 'none',
      session_public_key: session.publicKey,
      emitter: 'test',
      emitter_version: '1',
    },
    Date.now() * 1000,
  );
  const paths = (): readonly Disclosure[] =>
    (['exec_path', 'interpreter_path'] as const).map((field) => ({
      field,
      salt: randomBytes(32).toString('hex'),
      value: '道'.repeat(characters),
    }));
  const execs = Array.from({ length: count - 1 }, () => {
    const disclosures = paths();
    const commitments = disclosures.map((one) => [`${one.field}_commit`, commitment(one)]);
    return session.seal(
      {
        event_type: 'process_exec',
        action_taken: 'OBSERVED',
        evidence: 'observed',
        trace_origin: 'exact',
        trace_id: TRACE,
        span_id: 'b7ad6b7169203331',
        pid: 1,
        argc: 3,
        ...Object.fromEntries(commitments),
      },
      Date.now() * 1000,
      disclosures,
    );
  });
  return [start, ...execs].map(({ envelope }) => envelope);
}
