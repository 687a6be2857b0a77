/**
 * The cloud's functions on one core each, around them what stands in for Google's services.
 * node scripts/benches/cloud.ts [--part ingest|bundles|cold-start|writer]… [--events 300000] [--hands 1] [--rounds 4] [--cpu-prof]
 */
import { parseArgs } from 'node:util';
import { EMULATORS, type Emulator, EmulatorError } from '../cloud/emulator-commands.ts';
import { environmentOf } from '../cloud/emulator-environment.ts';
import { killProcess, startProcess, stopProcess } from '../cloud/emulator-process.ts';
import { createEmitter, makeBody } from './batches.ts';
import { printBundleSizes } from './cloud/bundle-sizes.ts';
import { benchColdStarts, type ColdStart } from './cloud/cold-start.ts';
import { leaveFirstCore } from './cloud/cores.ts';
import { benchIngest, ingestPost } from './cloud/ingest.ts';
import { startSurroundings } from './cloud/surroundings.ts';
import { benchWriter } from './cloud/writer.ts';
import { startWriterSurroundings } from './cloud/writer-surroundings.ts';

const PARTS = ['ingest', 'bundles', 'cold-start', 'writer'] as const;
const { values } = parseArgs({
  options: {
    part: { type: 'string', multiple: true, default: [...PARTS] },
    events: { type: 'string', default: '300000' },
    hands: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '4' },
    'cpu-prof': { type: 'boolean', default: false },
  },
});
const flags = values['cpu-prof'] ? ['--cpu-prof', '--cpu-prof-dir=.'] : [];
const wants = (part: (typeof PARTS)[number]): boolean => values.part.includes(part);
const sourceOf = (name: string): string => `functions/dist/bundles/${name}`;

leaveFirstCore();
// The emulators outlive whoever started them, unless they are ended.
process.once('exit', () => {
  for (const { pid } of started.values()) killProcess(pid);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const started = new Map<Emulator['name'], { readonly pid: number; readonly port: number }>();
const surroundings = await startSurroundings();
try {
  await run();
} finally {
  surroundings.close();
  for (const { pid } of started.values()) await stopProcess(pid);
}

async function run(): Promise<void> {
  const hasRedis = await start('redis');
  const hasSpanner = (wants('cold-start') || wants('writer')) && (await start('spanner'));
  const {
    REDIS_URL,
    SPANNER_EMULATOR_HOST,
    SPANNER_EMULATOR_REST,
    PUBSUB_EMULATOR_HOST,
    ...others
  } = environmentOf((name) => started.get(name)?.port);
  const environment = {
    ...surroundings.environment,
    ...others,
    ...(hasRedis && REDIS_URL !== undefined ? { REDIS_URL } : {}),
    ...(hasSpanner && SPANNER_EMULATOR_HOST !== undefined ? { SPANNER_EMULATOR_HOST } : {}),
  };
  Object.assign(process.env, environment);
  const ofWriter = hasSpanner ? await startWriterSurroundings(surroundings.signer) : undefined;

  if (wants('ingest'))
    await benchIngest({
      surroundings,
      environment,
      source: sourceOf('ingest'),
      events: Number(values.events),
      flags,
      limits: hasRedis ? 'Redis' : 'memory (no Redis here)',
    });
  if (wants('bundles')) printBundleSizes(sourceOf('sizes.json'));
  if (wants('cold-start')) {
    const functions: ColdStart[] = [
      {
        name: 'empty',
        source: 'scripts/benches/cloud/empty.ts',
        environment: {},
        first: (url) => ({ url, headers: {}, bytes: Buffer.alloc(0), status: 204 }),
        does: 'nothing',
      },
      {
        name: 'ingest',
        source: sourceOf('ingest'),
        environment,
        first: (url) => ingestPost(url, makeBody(createEmitter(surroundings.newKey('paid')), 1)),
        does: 'one event in Pub/Sub',
        targetMillis: 400,
      },
    ];
    if (ofWriter)
      functions.push({
        name: 'writer',
        source: sourceOf('writer'),
        environment: { ...environment, ...ofWriter.environment },
        first: (url) => {
          const [batch] = ofWriter.makeBatches(1, 1);
          if (batch === undefined) throw new Error('there is no batch');
          return ofWriter.pushOf(batch, url);
        },
        does: 'one event in Spanner',
        targetMillis: 900,
      });
    if (ofWriter && hasRedis)
      functions.push({
        name: 'quota',
        source: sourceOf('quota'),
        environment: {
          ...environment,
          ...ofWriter.environment,
          VANTIO_DATABASE_ROLE: 'quota_reader',
        },
        first: (url) => ({ url, headers: {}, bytes: Buffer.alloc(0), status: 200 }),
        does: 'its clients open, no tenant to count',
        targetMillis: 900,
      });
    await benchColdStarts(functions);
  }
  if (wants('writer') && ofWriter)
    await benchWriter({
      surroundings: ofWriter,
      environment: { ...environment, ...ofWriter.environment },
      source: sourceOf('writer'),
      flags,
      hands: Number(values.hands),
      rounds: Number(values.rounds),
    });
  ofWriter?.close();
}

/** @returns whether it runs now; if not, says why, and what is left out. */
async function start(name: Emulator['name']): Promise<boolean> {
  const emulator = EMULATORS.find((each) => each.name === name);
  try {
    if (emulator === undefined) return false;
    started.set(name, await startProcess(emulator));
    return true;
  } catch (error) {
    if (!(error instanceof EmulatorError)) throw error;
    console.error(`  without ${name}: ${error.message}`);
    return false;
  }
}
