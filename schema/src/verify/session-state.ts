import type { KeyObject } from 'node:crypto';
import type { AuditRecord } from '../record.ts';
import {
  publicKeyFromRaw,
  sessionCertificateHolds,
  sessionSignatureHolds,
} from '../session-signature.ts';
import type { CheckName, Place } from './finding.ts';
import { createSessionRuns } from './session-runs.ts';

export type Fault = { readonly check: CheckName; readonly field: string; readonly message: string };

/** A place in a session that the user holds from elsewhere: a receipt, a note, another machine. */
export type ExpectedHead = {
  readonly sessionId: string;
  readonly seq: number;
  readonly hash: string;
};

/** Everything remembered of one session: a fixed amount, but for gaps. */
export function createSessionState(
  first: AuditRecord,
  sessionRoots: ReadonlySet<string>,
  expected: readonly ExpectedHead[],
) {
  const { session_id: sessionId, tenant_id: tenantId, key_id: keyId, source } = first;
  const runs = createSessionRuns();
  let publicKey: KeyObject | undefined;
  let attested = false;
  let signedTo = -1;
  let endedAt = Number.POSITIVE_INFINITY;
  /** Of the last session_end whose signature holds. */
  let signedEnd = -1;
  const seen = new Set<ExpectedHead>();
  let unsigned = 0;
  let records = 0;

  const add = (record: AuditRecord, hash: string, place: Place): Fault | undefined => {
    records++;
    // Every check runs, so that one fault does not look like a gap to the next record; the first is reported.
    const before = runs.last()?.seq ?? -1;
    const signature = signatureFault(record);
    const run = runs.add(record, hash, place);
    const faults = [
      memberFault(record),
      signature,
      expectationFault(record, hash),
      run,
      // Where the place was taken, the record has none, and ends nothing.
      run?.check === 'conflict'
        ? undefined
        : endFault(record, {
            before,
            isSigned: publicKey !== undefined && signature === undefined,
          }),
    ];
    return faults.find((fault) => fault !== undefined);
  };

  const memberFault = (record: AuditRecord): Fault | undefined => {
    const moved = (field: string): Fault => ({
      check: 'chain',
      field,
      message: 'changes within its session',
    });
    if (record.tenant_id !== tenantId) return moved('tenant_id');
    if (record.key_id !== keyId) return moved('key_id');
    return record.source === source ? undefined : moved('source');
  };

  const signatureFault = (record: AuditRecord): Fault | undefined => {
    if (record.session_public_key !== undefined) {
      publicKey = publicKeyFromRaw(record.session_public_key);
      if (record.session_root_sig !== undefined) {
        if (!sessionCertificateHolds(record))
          return { check: 'origin', field: 'session_root_sig', message: 'does not hold' };
        attested ||= sessionRoots.has(record.session_root_key ?? '');
      }
    }
    if (record.session_sig === undefined) return undefined;
    if (publicKey === undefined) {
      unsigned++;
      return undefined;
    }
    if (!sessionSignatureHolds(publicKey, record))
      return { check: 'session_signature', field: 'session_sig', message: 'does not hold' };
    signedTo = Math.max(signedTo, record.seq);
    return undefined;
  };

  const expectationFault = (record: AuditRecord, hash: string): Fault | undefined => {
    const pins = expected.filter(({ seq }) => seq === record.seq);
    for (const pin of pins) seen.add(pin);
    return pins.every((pin) => pin.hash === hash)
      ? undefined
      : {
          check: 'head',
          field: 'seq',
          message: 'is not the record that --expect-head pins at this place',
        };
  };

  /** @param so the highest place before this record, and whether its signature was judged and holds. */
  const endFault = (
    { event_type, seq }: AuditRecord,
    so: { readonly before: number; readonly isSigned: boolean },
  ): Fault | undefined => {
    const isEnd = event_type === 'session_end';
    const fault = (message: string) => ({ check: 'after_end', field: 'seq', message }) as const;
    const isAfter = seq > endedAt;
    if (isEnd) endedAt = Math.min(endedAt, seq);
    if (isEnd && so.isSigned) signedEnd = Math.max(signedEnd, seq);
    if (isAfter) return fault('stands after the end of its session');
    return isEnd && so.before > seq
      ? fault('ends a session of which later records came before')
      : undefined;
  };

  const summary = () => {
    const last = runs.last();
    const lastSeq = last?.seq ?? -1;
    return {
      sessionId,
      tenantId,
      source,
      records,
      lastSeq,
      lastHash: last?.hash ?? '',
      gaps: runs.gaps(),
      attested,
      /** Signed records whose signature could not be checked for want of the session's start. */
      unsigned,
      /** Records after the last one that the session key signed. */
      unsignedTail: lastSeq - signedTo,
      ended: signedEnd === lastSeq,
      /** Places that --expect-head pins, and that no record came for. */
      unmet: expected.filter((pin) => !seen.has(pin)).length,
      pinned: expected.some(({ seq }) => seq === lastSeq),
    };
  };

  return { add, summary };
}

export type SessionState = ReturnType<typeof createSessionState>;
export type SessionSummary = ReturnType<SessionState['summary']>;
