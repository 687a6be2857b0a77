import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type RecordDraft, readApiKey, recordKey, type SealedRecord } from '@vantio/schema';
import { createSession } from '@vantio/schema/session';
import { TRACE } from '@vantio/schema/vectors/sample-session';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

export type SealedLedger = {
  readonly directory: string;
  readonly file: string;
  readonly stateDir: string;
  /** Arguments of `vantio convert`. */
  readonly args: readonly string[];
};

const START = { event_type: 'session_start', action_taken: 'RECORDED', trace_origin: 'none' };
const EVENT = {
  event_type: 'shield_end',
  action_taken: 'OBSERVED',
  trace_origin: 'exact',
  trace_id: TRACE,
  duration_us: 1,
  outcome: 'ok',
};

/** A ledger that a real control plane wrote, rotated and sealed to its last line, and has closed. */
export async function sealedLedger(t: TestContext, events = 300): Promise<SealedLedger> {
  const { createKey, startLocal } = await import('@vantio/functions/local');
  const directory = temporaryDirectory(t);
  const stateDir = join(directory, 'state');
  const apiKey = createKey(stateDir, { tenantId: 'acme' });
  const keyFile = join(directory, 'agent.key');
  writeFileSync(keyFile, apiKey, { mode: 0o600 });
  const file = join(directory, 'ledger.ndjson');
  const server = await startLocal({
    outputFile: file,
    stateDir,
    port: 0,
    rateLimit: 1000,
    maxSegmentBytes: 60_000,
    appendOnly: false,
    log: () => {},
  });
  for (const batch of inBatches(records(apiKey, events))) {
    const { status } = await fetch(`${server.url}/api/v1/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
      body: batch.map(({ envelope }) => `${envelope}\n`).join(''),
    });
    if (status !== 202) throw new Error(`the control plane answered ${status}`);
  }
  await server.close();
  const keys = ['--key-file', keyFile, '--key-file', server.controlKeyFile];
  return { directory, file, stateDir, args: [file, ...keys] };
}

function records(apiKey: string, events: number): readonly SealedRecord[] {
  const { tenantId, keyId } = readApiKey(apiKey);
  const session = createSession({
    tenantId,
    keyId,
    source: 'sdk_node',
    recordKey: recordKey(apiKey),
    sessionKey: generateKeyPairSync('ed25519').privateKey,
  });
  const start = {
    ...START,
    session_public_key: session.publicKey,
    emitter: 'test',
    emitter_version: '1',
  };
  return [start, ...Array.from({ length: events }, () => EVENT)].map((draft, at) =>
    session.seal(
      { evidence: 'observed', ...draft } as unknown as RecordDraft,
      Date.now() * 1000 + at,
    ),
  );
}

function* inBatches<T>(items: readonly T[], size = 100): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
