/** What a check found. `wrong` fails the ledger; `unmeasured` says what could not be checked, and why. */
export type Finding = {
  readonly check: CheckName;
  readonly severity: 'wrong' | 'unmeasured';
  readonly message: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly eventId?: string;
  readonly sessionId?: string;
  readonly field?: string;
};

/**
 * form: not JSON, not canonical, or a field outside its alphabet. mac, received_mac: the MAC does not hold. tenant: record
 * and API key name different tenants. chain: prev, event_id or a fixed member of the session does not follow. gap: records
 * are missing. conflict: a place is taken twice. session_signature, origin, head, after_end, segment, disclosure, torn: as
 * they say. tail: nothing pins the end of a session. log_checkpoint to receipt: schema/log.md, section 5. clock: received_at is
 * after the time at which a witness had the line.
 */
export type CheckName =
  | 'form'
  | 'mac'
  | 'received_mac'
  | 'tenant'
  | 'chain'
  | 'gap'
  | 'conflict'
  | 'session_signature'
  | 'origin'
  | 'head'
  | 'tail'
  | 'after_end'
  | 'segment'
  | 'disclosure'
  | 'torn'
  | 'log_checkpoint'
  | 'log_tile'
  | 'log_root'
  | 'log_leaf'
  | 'log_size'
  | 'log_consistency'
  | 'log_cosignature'
  | 'receipt'
  | 'clock';

/** Where a line stands. `writer` names the files one writer wrote in turn: their lines are chained. Default: the file. */
export type Place = { readonly file: string; readonly line: number; readonly writer?: string };
