import type { AuditRecord } from '@vantio/schema';
import { describeFinding } from './classes/detection-finding.ts';
import { describeLookup } from './classes/dns-activity.ts';
import { describeAccount } from './classes/entity-management.ts';
import { describeRequest } from './classes/http-activity.ts';
import { describeConnection } from './classes/network-activity.ts';
import { describeProcess } from './classes/process-activity.ts';
import type { Fields } from './take-fields.ts';

/** What a class of OCSF adds to the members that every event has. */
export type Described = {
  readonly classUid: number;
  readonly activityId: number;
  /** Of activity 99, which has no name of its own. */
  readonly activityName?: string;
  readonly profiles?: readonly string[];
  readonly members: object;
};

/** Gives nothing where the record lacks what the class requires. */
export type Describe = (fields: Fields) => Described | undefined;

const requestOrConnection: Describe = (fields) =>
  describeRequest(fields) ?? describeConnection(fields);

const BY_TYPE: Partial<Record<AuditRecord['event_type'], Describe>> = {
  http_request: requestOrConnection,
  llm_call: requestOrConnection,
  net_connect: describeConnection,
  net_close: describeConnection,
  tls_connect: describeConnection,
  tls_write: describeConnection,
  udp_send: describeConnection,
  egress_verdict: describeConnection,
  dns_query: describeLookup,
  process_fork: describeProcess,
  process_exec: describeProcess,
  process_exit: describeProcess,
  anomaly: describeFinding,
  shadow_ai: describeFinding,
  witness_alarm: describeFinding,
  key_created: describeAccount,
  key_revoked: describeAccount,
  policy_change: describeAccount,
  member_change: describeAccount,
};

/** The class that a record has all the required attributes of, else Base Event. */
export const describe = (record: AuditRecord, fields: Fields): Described =>
  BY_TYPE[record.event_type]?.(fields) ?? {
    classUid: 0,
    activityId: OTHER,
    activityName: record.event_type,
    members: {},
  };

export const OTHER = 99;
