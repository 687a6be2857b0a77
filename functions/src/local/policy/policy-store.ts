import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { canonicalize } from '@vantio/schema/canonical';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { type PolicyEnvelope, readEnvelope } from '@vantio/schema/policy/signed-policy';
import { checkCustomPatterns } from '@vantio/schema/redact/check-custom-patterns';
import { nowInstant } from '../../ingest/control-session.ts';
import { stateFiles } from '../keys/state-dir.ts';

/** A version that was published for a tenant. */
export type PublishedPolicy = {
  readonly text: string;
  readonly envelope: PolicyEnvelope;
  /** RFC 3339, µs, UTC. */
  readonly publishedAt: string;
};

/**
 * The versions that were published in a state directory, oldest first: one line each, and none is ever changed. Of two writers that
 * publish at once the first wins: a line whose version is not above its tenant's last is passed over, and so is a torn one.
 */
export function listPolicies(stateDir: string): readonly PublishedPolicy[] {
  const highest = new Map<string, number>();
  return linesOf(stateFiles(stateDir).policies).flatMap((line) => {
    const published = readLine(line);
    if (published === undefined) return [];
    const { tenantId, policy } = published.envelope;
    if (policy.version <= (highest.get(tenantId) ?? 0)) return [];
    highest.set(tenantId, policy.version);
    return [published];
  });
}

const currentPolicy = (stateDir: string, tenantId: string): PublishedPolicy | undefined =>
  listPolicies(stateDir).findLast(({ envelope }) => envelope.tenantId === tenantId);

/**
 * Publishes a policy: it is synced to disk, and a running server serves it within a second or two.
 * @param text its envelope.
 * @throws {PolicyError} also for a version that is not above the last.
 */
export function publishPolicy(stateDir: string, text: string): PublishedPolicy {
  const envelope = readEnvelope(text);
  checkCustomPatterns(envelope.policy);
  const last = currentPolicy(stateDir, envelope.tenantId)?.envelope;
  if (last !== undefined && envelope.policy.version <= last.policy.version)
    throw notAbove(last.policy.version);
  append(
    stateFiles(stateDir).policies,
    canonicalize({ envelope: text, published_at: nowInstant() }),
  );
  const now = listPolicies(stateDir).find(
    ({ envelope: { tenantId, policy } }) =>
      tenantId === envelope.tenantId && policy.version === envelope.policy.version,
  );
  // Somebody else published this version, or a later one, in between.
  if (now?.text !== text) throw notAbove(envelope.policy.version);
  return now;
}

const notAbove = (version: number): PolicyError =>
  new PolicyError(
    'rolled_back',
    'version',
    `is not above ${version}, which is published: every change needs a higher version`,
  );

/** A torn last line is ended first, so that it spoils no other. */
function append(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'a+', 0o600);
  try {
    const { size } = statSync(path);
    const isTorn = size > 0 && !readFileSync(path).subarray(-1).equals(Buffer.from('\n'));
    writeSync(file, `${isTorn ? '\n' : ''}${line}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function readLine(line: string): PublishedPolicy | undefined {
  try {
    const { envelope: text, published_at: publishedAt } = JSON.parse(line) as {
      readonly envelope: string;
      readonly published_at: string;
    };
    return { text, envelope: readEnvelope(text), publishedAt };
  } catch (error) {
    if (error instanceof PolicyError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
