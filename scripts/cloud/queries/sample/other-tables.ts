import { createHash } from 'node:crypto';
import type { Row } from '../../spanner-rest.ts';
import { MEMBERS } from './operator-session.ts';

const document = (version: number): string => `{"mode":"enforce","version":${version}}`;
export const policySha256 = (version: number): string =>
  createHash('sha256').update(document(version)).digest('hex');

const WITHIN = '2025-01-07T01:00:0';
const AFTER = '2025-03-07T01:00:0';
const when = (day: string, second: number): string => `${day}${second}.000000Z`;

/** Version 4 is another document than its record says, and 5 has no record; 7 comes after the range. */
export const policies = (tenant: string): readonly Row[] =>
  [3, 4, 5, 7].map((version) => ({
    TenantId: tenant,
    PolicyVersion: version,
    Document: document(version),
    SignerId: '01234567',
    CommitTimestamp: when(version === 7 ? AFTER : WITHIN, version),
  }));

/** The auditor is removed, one comes unrecorded, and the owner changes after the range. A rival's have other roles. */
export function members(tenant: string, rival: boolean): readonly Row[] {
  const { owner, auditor, unrecorded } = MEMBERS;
  const changes: [string, string, string | null][] = [
    [WITHIN, owner, 'owner'],
    [WITHIN, auditor, 'auditor'],
    [WITHIN, auditor, null],
    [WITHIN, unrecorded, 'viewer'],
    [AFTER, owner, 'viewer'],
  ];
  return changes.map(([day, member, role], at) => ({
    TenantId: tenant,
    MemberId: member,
    CommitTimestamp: when(day, rival ? at + 5 : at),
    MemberRole: rival ? 'rival' : role,
  }));
}

export function checkpoints(tenant: string, rival: boolean): readonly Row[] {
  const sizes: [string, number][] = [
    [WITHIN, rival ? 500 : 10],
    [WITHIN, rival ? 600 : 70],
    [AFTER, 1000],
  ];
  return sizes.map(([day, size], at) => ({
    TenantId: tenant,
    TreeSize: size,
    RootHash: `${at}`.repeat(64),
    Note: `${tenant}/log\n${size}\n`,
    CommitTimestamp: when(day, at),
  }));
}
