import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startIngest } from '../testing/ingest.ts';
import { newApiKey } from '../testing/keys.ts';
import { runAgent, scratch } from '../testing/run-agent.ts';

/** Core functions that the library calls at and after a flush. */
const FUNCTIONS = [
  'crypto:randomBytes',
  'crypto:generateKeyPairSync',
  'crypto:createHash',
  'crypto:hash',
  'crypto:sign',
  'crypto:hkdfSync',
  'crypto:createSecretKey',
  'crypto:createPublicKey',
  'fs:openSync',
  'fs:writeSync',
  'fs:closeSync',
  'fs:fstatSync',
  'fs:readSync',
  'fs:readdirSync',
  'fs:readFileSync',
  'fs:readlinkSync',
  'fs:mkdirSync',
  'fs:lstatSync',
  'http:request',
  'http:Agent',
  'os:release',
  'worker_threads:setEnvironmentData',
] as const;

type Result = {
  readonly results: readonly string[];
  readonly problems: readonly string[];
  /** How often the library called the function. */
  readonly calls: number;
};

async function run(
  fault: string,
  when: string,
  env: Readonly<Record<string, string>>,
): Promise<Result> {
  const ran = await runAgent('faults.mjs', { args: [fault, when], env });
  assert.equal(ran.code, 0, `${fault}: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as Result;
}

for (const fault of FUNCTIONS.filter((name) => name !== 'crypto:hash' || hasHash()))
  test(`the host does not notice that ${fault} fails`, async () => {
    const ingest = await startIngest();
    const base = { VANTIO_API_KEY: newApiKey(), VANTIO_SPOOL_DIR: scratch() };
    const runs = await Promise.all([
      run(fault, 'always', { ...base, VANTIO_INGEST_URL: ingest.url }),
      run(fault, 'second', { ...base, VANTIO_INGEST_URL: 'http://127.0.0.1:9' }),
      run(fault, 'always', { ...base, VANTIO_OUTPUT_FILE: `${scratch()}/ledger.ndjson` }),
    ]);
    await ingest.close();
    assert.ok(
      runs.some(({ calls }) => calls > 0),
      'the library calls it at all',
    );
    for (const { results, problems } of runs) {
      assert.deepEqual(problems, []);
      assert.deepEqual(results, ['ok', 'ok']);
    }
  });

function hasHash(): boolean {
  return typeof process.getBuiltinModule?.('node:crypto').hash === 'function';
}
