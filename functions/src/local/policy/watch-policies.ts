import { readFileSync, statSync } from 'node:fs';
import type { PolicyOf, ServedPolicy } from '../../config/policy-of.ts';
import { served } from '../../config/served.ts';
import type { ControlNote } from '../../ingest/ledger-store.ts';
import { replaceFile, stateFiles } from '../keys/state-dir.ts';
import { openPolicyFile } from './policy-file.ts';
import { listPolicies } from './policy-store.ts';

export type WatchedPolicies = {
  readonly policyOf: PolicyOf;
  /** Takes in what was published since, and records it. */
  look(): void;
};

export type WatchPoliciesOptions = {
  readonly stateDir: string;
  /** A policy for tenants that have none published. */
  readonly policyFile?: string;
  readonly note: (note: ControlNote) => void;
  readonly onFault: (message: string, error?: unknown) => void;
};

/** The policies that a server serves, and a `policy_change` record for each version, also those published while it was away. */
export function watchPolicies(options: WatchPoliciesOptions): WatchedPolicies {
  const { stateDir, policyFile, note, onFault } = options;
  const file = policyFile === undefined ? undefined : openPolicyFile(policyFile, onFault);
  const { policies: path, policiesRecorded } = stateFiles(stateDir);
  let stamp = '';
  let recorded = countIn(policiesRecorded);
  let current = new Map<string, ServedPolicy>();
  /** Of the file: what was recorded for a tenant. */
  const told = new Map<string, string>();

  const tell = (tenantId: string, one: ServedPolicy): void =>
    note({
      event_type: 'policy_change',
      action_taken: 'RECORDED',
      policy_version: one.version,
      policy_sha256: one.sha256,
      subject_tenant_id: tenantId,
      ...(one.signerId === undefined ? {} : { signer_id: one.signerId }),
    });

  const look = (): void => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    const now = stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
    if (now === stamp) return;
    const published = listPolicies(stateDir);
    current = new Map(
      published.map(({ text, envelope }) => [envelope.tenantId, served(text, envelope)]),
    );
    for (const { text, envelope } of published.slice(recorded))
      tell(envelope.tenantId, served(text, envelope));
    // After the records: a crash between the two records a version twice, and never not at all.
    if (published.length > recorded) replaceFile(policiesRecorded, `${published.length}\n`);
    recorded = Math.max(recorded, published.length);
    stamp = now;
  };

  const fromFile = (tenantId: string): ServedPolicy | undefined => {
    const one = file?.of(tenantId);
    if (one !== undefined && told.get(tenantId) !== one.sha256) {
      told.set(tenantId, one.sha256);
      tell(tenantId, one);
    }
    return one;
  };

  return {
    look: () => {
      try {
        look();
      } catch (error) {
        onFault('published policies cannot be read; the last ones stay in force', error);
      }
    },
    policyOf: (tenantId) => {
      look();
      return current.get(tenantId) ?? fromFile(tenantId);
    },
  };
}

function countIn(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8')) || 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
