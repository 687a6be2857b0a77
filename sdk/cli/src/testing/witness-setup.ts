import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { API_KEY } from '@vantio/schema/vectors/sample-session';
import type { Alarm } from '../witness/alarm.ts';
import { makeWitnessKey, verifierKeyIn } from '../witness/witness-key.ts';
import { type Ran, runVantio } from './run-vantio.ts';
import { type SampleLog, sampleLog } from './sample-log.ts';
import { type ServedLog, serveLog } from './serve-log.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export type WitnessSetup = {
  readonly directory: string;
  readonly log: SampleLog;
  readonly server: ServedLog;
  /** Verifier key of the witness. */
  readonly witness: string;
  readonly options: readonly string[];
  /** `vantio witness --once` with these options. */
  readonly once: (...more: readonly string[]) => Promise<Ran>;
  readonly alarms: (file?: string) => readonly Alarm[];
};

/** A served log, and everything that a witness of it needs. */
export async function witnessSetup(t: TestContext): Promise<WitnessSetup> {
  const directory = temporaryDirectory(t);
  const log = await sampleLog(join(directory, 'log'));
  const key = makeWitnessKey('vantio.test/witness', 'ed25519');
  const witness = verifierKeyIn(key);
  const files = { key: join(directory, 'witness.key'), vkey: join(directory, 'log.vkey') };
  writeFileSync(files.key, key, { mode: 0o600 });
  writeFileSync(files.vkey, `# pinned\n${log.vkey}\n`);
  const apiKeyFile = join(directory, 'agent.key');
  writeFileSync(apiKeyFile, `${API_KEY}\n`, { mode: 0o600 });
  const server = await serveLog(t, log, API_KEY, [witness]);
  const options = ['--url', server.url, '--key-file', apiKeyFile, '--vkey', files.vkey].concat([
    '--witness-key',
    files.key,
    '--state',
    join(directory, 'state'),
  ]);
  return {
    directory,
    log,
    server,
    witness,
    options,
    once: (...more) => runVantio(['witness', ...options, '--once', ...more]),
    alarms: (file = join(directory, 'state', 'alarm.json')) => {
      const document = JSON.parse(readFileSync(file, 'utf8')) as { alarms: readonly Alarm[] };
      return document.alarms;
    },
  };
}

/** It said one sentence and ended so. */
export function assertEnded({ status, stderr }: Ran, expected: number, sentence: RegExp): void {
  assert.equal(status, expected, stderr);
  assert.match(stderr, sentence);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
}
