import { EnvelopeError } from '../envelope-error.ts';
import { receivedMac } from '../format-ledger-line.ts';
import { recordHash, recordMac } from '../hash.ts';
import { type LedgerLine, parseLedgerLine } from '../ledger-line.ts';
import type { AuditRecord } from '../record.ts';
import { ZERO_HASH } from '../zero-hash.ts';
import type { CheckName, Finding, Place } from './finding.ts';
import { createKeyRing } from './key-ring.ts';
import { createSegments, type Segment } from './segments.ts';
import {
  createSessionState,
  type ExpectedHead,
  type SessionState,
  type SessionSummary,
} from './session-state.ts';

export type VerifierOptions = {
  /** API keys the user named. Records under other keys read *MAC unmeasured*. */
  readonly apiKeys: readonly string[];
  /** Raw public keys (64 hex digits) of customers' session roots; none: every origin is unattested. */
  readonly sessionRoots?: readonly string[];
  readonly expectHeads?: readonly ExpectedHead[];
  readonly onFinding: (finding: Finding) => void;
};

export type VerifyReport = {
  /** Lines looked at. */
  readonly records: number;
  /** Lines in which every check that could be made held. */
  readonly verified: number;
  readonly sessions: readonly SessionSummary[];
  /** Number of findings by check. */
  readonly wrong: Readonly<Partial<Record<CheckName, number>>>;
  readonly unmeasured: Readonly<Partial<Record<CheckName, number>>>;
  readonly verdict: 'verified' | 'verified with notes' | 'rejected';
};

/**
 * Checks a ledger line by line, from its bytes and the keys a user named, and nothing else. Lines may come from several
 * files, in any order of sessions. Memory grows with sessions and gaps, not with records.
 */
export function createLedgerVerifier(options: VerifierOptions) {
  const keys = createKeyRing(options.apiKeys);
  const roots = new Set(options.sessionRoots ?? []);
  const expected = new Map<string, ExpectedHead[]>();
  for (const head of options.expectHeads ?? [])
    expected.set(head.sessionId, [...(expected.get(head.sessionId) ?? []), head]);
  const sessions = new Map<string, SessionState>();
  const segments = createSegments();
  const strangers = new Set<string>();
  /** received_mac of each writer's last line; undefined after a line that could not be read. */
  const lastMacs = new Map<string, string | undefined>();
  const counts = { wrong: {}, unmeasured: {} } as Record<
    Finding['severity'],
    Partial<Record<CheckName, number>>
  >;
  let records = 0;
  let verified = 0;

  const report = (finding: Finding): void => {
    const tally = counts[finding.severity];
    tally[finding.check] = (tally[finding.check] ?? 0) + 1;
    options.onFinding(finding);
  };

  /** @param text one line, without its newline. Attacker-controlled. */
  const line = (text: string, place: Place): LedgerLine | undefined => {
    records++;
    let parsed: LedgerLine;
    try {
      parsed = parseLedgerLine(text);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      lastMacs.set(place.writer ?? place.file, undefined);
      report({
        check: 'form',
        severity: 'wrong',
        field: error.field,
        message: error.message,
        ...place,
      });
      return undefined;
    }
    const unkeyed = keyFault(parsed, place);
    lastMacs.set(place.writer ?? place.file, parsed.receivedMac);
    const unchained = chainFault(parsed.record, recordHash(parsed.canonical), place);
    const fault = unkeyed ?? unchained;
    if (fault === undefined) verified++;
    else
      report({
        severity: 'wrong',
        ...fault,
        ...place,
        eventId: parsed.record.event_id,
        sessionId: parsed.record.session_id,
      });
    return parsed;
  };

  const keyFault = (
    { record, canonical, mac, receivedAt, receivedMac: receivedTag }: LedgerLine,
    place: Place,
  ) => {
    const named = keys.get(record.key_id);
    if (named === undefined) return strangerNote(record, place);
    // Not in constant time: nobody who could use it sees how long an offline check of a file takes.
    const key = named.find((each) => mac === recordMac(each.record, canonical));
    if (key === undefined)
      return {
        check: 'mac',
        field: 'record_mac',
        message: 'does not hold: the record, its MAC or the key is another',
      } as const;
    const writer = place.writer ?? place.file;
    const previous = lastMacs.has(writer) ? lastMacs.get(writer) : ZERO_HASH;
    if (
      previous !== undefined &&
      receivedTag !== receivedMac({ key: key.received, previous, receivedAt, recordMac: mac })
    )
      return {
        check: 'received_mac',
        field: 'received_mac',
        message: 'does not hold: received_at is another, or the line before it',
      } as const;
    if (record.tenant_id !== key.tenantId)
      return {
        check: 'tenant',
        field: 'tenant_id',
        message: 'is not the tenant of the API key',
      } as const;
    if (record.source === 'control_plane' && key.plan !== 'control')
      return {
        check: 'tenant',
        field: 'source',
        message: 'is control_plane under an API key that is not of plan control',
      } as const;
    return undefined;
  };

  /** Said once for each key, not for each record: the note must not grow with the ledger. */
  const strangerNote = ({ key_id }: AuditRecord, place: Place): undefined => {
    if (strangers.has(key_id)) return;
    strangers.add(key_id);
    report({
      check: 'mac',
      severity: 'unmeasured',
      field: 'key_id',
      message: `MAC unmeasured: no key ${key_id} was named`,
      ...place,
    });
  };

  const chainFault = (record: AuditRecord, hash: string, place: Place) => {
    let session = sessions.get(record.session_id);
    if (session === undefined) {
      session = createSessionState(record, roots, expected.get(record.session_id) ?? []);
      sessions.set(record.session_id, session);
    }
    if (record.event_type === 'rotation') segments.rotation(record, place);
    return session.add(record, hash, place);
  };

  /**
   * Tells that a writer's earlier files are not at hand: its first line is then not held to a line before it.
   * @param place of that line; of its first file, and no line, if there is none.
   */
  const beginsLater = (writer: string, place: Partial<Place>): void => {
    lastMacs.set(writer, undefined);
    report({
      check: 'segment',
      severity: 'unmeasured',
      message: 'segment unmeasured: the ledger files before this one were not given',
      ...place,
    });
  };

  /** The file's last line has no newline: it was cut, or its writer was. */
  const torn = (place: Place): void =>
    report({
      check: 'torn',
      severity: 'wrong',
      message:
        'the last line does not end in a newline: it was cut short, or whoever wrote it was; the lines before it stand. A control plane cuts its own file back when it starts, and says so',
      ...place,
    });

  /** Tells what a rotated file was found to be, to be held against its `rotation` record. */
  const segment = (file: string, found: Segment): void => segments.file(file, found);

  const finish = (): VerifyReport => {
    if (sessions.size === 0)
      report({
        check: 'tail',
        severity: 'unmeasured',
        message: 'tail unmeasured: the ledger holds no records',
      });
    for (const fault of segments.faults()) report(fault);
    const summaries = [...sessions.values()].map((session) => session.summary());
    for (const summary of summaries)
      for (const finding of closingFindings(summary)) report(finding);
    for (const [sessionId, heads] of expected)
      for (let head = 0; !sessions.has(sessionId) && head < heads.length; head++)
        report({
          check: 'head',
          severity: 'wrong',
          sessionId,
          message: 'no record of the session that --expect-head pins',
        });
    const { wrong, unmeasured } = counts;
    const verdict =
      Object.keys(wrong).length > 0
        ? 'rejected'
        : Object.keys(unmeasured).length > 0
          ? 'verified with notes'
          : 'verified';
    return { records, verified, sessions: summaries, wrong, unmeasured, verdict };
  };

  return { line, beginsLater, torn, segment, finish };
}

/** What can only be said once the whole ledger has been seen. */
function* closingFindings(session: SessionSummary): Iterable<Finding> {
  const { sessionId } = session;
  for (const { from, to, before } of session.gaps) {
    const missing = from === to ? `record ${from} is` : `records ${from} to ${to} are`;
    yield {
      check: 'gap',
      severity: 'wrong',
      sessionId,
      field: 'seq',
      message: `${missing} missing before this one`,
      ...before,
    };
  }
  for (let head = 0; head < session.unmet; head++)
    yield {
      check: 'head',
      severity: 'wrong',
      sessionId,
      message: 'the record that --expect-head pins is missing',
    };
  if (session.unsigned > 0)
    yield {
      check: 'session_signature',
      severity: 'unmeasured',
      sessionId,
      message: 'session signatures unmeasured: the session_start that holds the key is missing',
    };
  if (!session.ended && !session.pinned)
    yield {
      check: 'tail',
      severity: 'unmeasured',
      sessionId,
      message: `tail unmeasured: no session_end; ${session.unsignedTail} record(s) after the last signed head`,
    };
  if (!session.attested)
    yield {
      check: 'origin',
      severity: 'unmeasured',
      sessionId,
      message: 'origin unattested: no pinned session root certifies the session key',
    };
}
