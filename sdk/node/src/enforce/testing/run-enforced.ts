import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AuditRecord, Envelope } from '@vantio/schema';
import { startIngest } from '../../testing/ingest.ts';
import { newApiKey } from '../../testing/keys.ts';
import { type Ran, type RunOptions, runAgent, scratch } from '../../testing/run-agent.ts';

export const REGISTER = fileURLToPath(new URL('../../../dist/register.cjs', import.meta.url));
/** A file in the folder of the clients: what is required from there is found there. */
export const CLIENTS = fileURLToPath(
  new URL('../../../../../scripts/clients/package.json', import.meta.url),
);

export type Enforced = Ran & {
  readonly records: readonly AuditRecord[];
  readonly envelopes: readonly Envelope[];
};

export function policyFile(policy: unknown): string {
  const file = join(scratch(), 'policy.json');
  writeFileSync(file, JSON.stringify(policy));
  return file;
}

/** Runs a fixture as `vantio run --policy` does, and keeps what it records. */
export async function runEnforced(
  fixture: string,
  policy: unknown,
  { env = {}, nodeArgs = [], ...options }: RunOptions = {},
): Promise<Enforced> {
  const ingest = await startIngest();
  const ran = await runAgent(fixture, {
    ...options,
    nodeArgs: ['--no-warnings', ...nodeArgs],
    env: {
      NODE_OPTIONS: `--require=${REGISTER}`,
      VANTIO_API_KEY: newApiKey(),
      VANTIO_INGEST_URL: ingest.url,
      VANTIO_SPOOL_DIR: scratch(),
      ...(policy === undefined ? {} : { VANTIO_POLICY_FILE: policyFile(policy) }),
      CLIENTS,
      ...env,
    },
  });
  await ingest.close();
  if (ingest.faults.length > 0) throw new Error(ingest.faults.join('\n'));
  return { ...ran, records: ingest.records(), envelopes: ingest.envelopes };
}

/** The records of the trace in which a shield of that name was. */
export function traceOf(name: string, { records, envelopes }: Enforced): readonly AuditRecord[] {
  const shield = envelopes.find(
    ({ record, disclosures }) =>
      record.event_type === 'shield_end' && disclosures?.[0]?.value === name,
  );
  const id = shield?.record.trace_id;
  return id === undefined ? [] : records.filter(({ trace_id }) => trace_id === id);
}

export const linesOf = <T>({ stdout }: Ran): readonly T[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as T);

export const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
