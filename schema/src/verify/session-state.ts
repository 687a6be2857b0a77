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
  expected: ExpectedHead | undefined,
) {
  const { session_id: sessionId, tenant_id: tenantId, key_id: keyId, source } = first;
  const runs = createSessionRuns();
  let publicKey: KeyObject | undefined;
  let attested = false;
  let signedTo = -1;
  let endedAt: number | undefined;
  let expectedSeen = false;
  let unsigned = 0;
  let records = 0;

  const add = (record: AuditRecord, hash: string, place: Place): Fault | undefined => {
    records++;
    // Every check runs, so that one fault does not look like a gap to the next record; the first is reported.
    const faults = [
      memberFault(record),
      signatureFault(record),
      expectationFault(record, hash),
      runs.add(record, hash, place),
      endFault(record),
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
        attested = sessionRoots.has(record.session_root_key ?? '');
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
    if (record.seq !== expected?.seq) return undefined;
    expectedSeen = true;
    return hash === expected.hash
      ? undefined
      : {
          check: 'head',
          field: 'seq',
          message: 'is not the record that --expect-head pins at this place',
        };
  };

  const endFault = (record: AuditRecord): Fault | undefined => {
    if (record.event_type === 'session_end') endedAt = Math.min(endedAt ?? record.seq, record.seq);
    if (endedAt === undefined || record.seq <= endedAt) return undefined;
    return { check: 'after_end', field: 'seq', message: 'stands after the end of its session' };
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
      ended: endedAt !== undefined && endedAt === lastSeq && signedTo === lastSeq,
      expectation:
        expected === undefined
          ? ('none' as const)
          : expectedSeen
            ? ('met' as const)
            : ('unmet' as const),
      pinned: expected !== undefined && expectedSeen && expected.seq === lastSeq,
    };
  };

  return { add, summary };
}

export type SessionState = ReturnType<typeof createSessionState>;
export type SessionSummary = ReturnType<SessionState['summary']>;
