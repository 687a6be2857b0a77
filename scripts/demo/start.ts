import { existsSync } from 'node:fs';
import { withEmulators } from '../cloud/with-emulators.ts';
import { createNarrator } from './narrator.ts';
import { type DemoOptions, readOptions, USAGE } from './options.ts';
import { asTyped, createProcesses } from './processes.ts';
import { createStory, type Files, filesIn, type Story } from './story.ts';

function tryNext({ ledger, agentKey, keys }: Files, url: string): void {
  const agent = ['run', '--key-file', agentKey, '--ingest-url', url, '--', 'node', 'your-agent.js'];
  console.log(`
Still up, until Ctrl-C. In another terminal, from this folder:

   ${asTyped(agent)}
   ${asTyped(['tail', '-f', ledger])}
   ${asTyped(['verify', ledger, '--key-file', keys])}
`);
}

function untilInterrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A timer holds the process up: a listener alone would not.
    const hold = setInterval(() => {}, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(hold);
      resolve();
    });
  });
}

async function demonstrate(options: DemoOptions, interrupted: AbortSignal): Promise<boolean> {
  if (!options.cloud) return tell(options, interrupted);
  return withEmulators((environment) => tell(options, interrupted, environment));
}

/** @param stayUp is given the control plane's address while all of it runs. */
async function play(
  story: Story,
  options: DemoOptions,
  emulators: NodeJS.ProcessEnv | undefined,
  stayUp: (url: string) => Promise<void>,
): Promise<void> {
  await story.makeKey();
  const cloud = emulators && (await story.serveCloud(emulators));
  const plane = cloud ?? (await story.serve());
  const provider = await story.serveModels();
  try {
    await story.runAgent(plane, provider);
    if (cloud) {
      await story.awaitLog(cloud);
      await story.exportLedger(cloud);
      await story.proveLast(cloud);
    }
    story.expectWhole(provider);
    await story.show();
    const { VANTIO_DEMO_AGENT: program } = process.env;
    if (program && !options.noKernel && !cloud) await story.watchKernel(program, plane, provider);
    await story.verify();
    await story.tamper();
    await stayUp(plane.url);
  } finally {
    await provider.close();
  }
}

/**
 * @param emulators where the emulators are; undefined: the control plane is `vantio serve`.
 * @throws {Error} when a step cannot be made, or is not begun because of an interruption.
 */
async function tell(
  options: DemoOptions,
  interrupted: AbortSignal,
  emulators?: NodeJS.ProcessEnv,
): Promise<boolean> {
  const processes = createProcesses();
  process.once('exit', processes.killAll);
  const narrator = createNarrator(interrupted);
  const files = filesIn(options.dir);
  const story = createStory(files, processes, narrator);

  try {
    await play(story, options, emulators, async (url) => {
      interrupted.throwIfAborted();
      if (options.once) return;
      tryNext(files, url);
      await untilInterrupted(interrupted);
    });
  } finally {
    await processes.stopAll();
  }
  const { records, verified } = await story.count();
  for (const failure of narrator.failures) console.error(`did not hold: ${failure}`);
  const hasLog = existsSync(files.log);
  if (hasLog) console.log(`\ncheckpoint ${files.log}, vkey ${files.verifierKey}`);
  console.log(
    `${hasLog ? '' : '\n'}records ${records}, verified ${verified}, ledger ${files.ledger}, key ${files.keys}`,
  );
  return narrator.failures.length === 0;
}

/** sysexits.h EX_USAGE, as the other scripts have it. */
const WRONG_ARGUMENTS = 64;

function fail(error: unknown, status: number): void {
  console.error(`scripts/start: ${error instanceof Error ? error.message : error}`);
  process.exitCode = status;
}

function readArguments(): DemoOptions | undefined {
  try {
    const options = readOptions(process.argv.slice(2), new Date());
    if (options !== 'help') return options;
    console.log(USAGE);
  } catch (error) {
    fail(error, WRONG_ARGUMENTS);
  }
  return undefined;
}

const options = readArguments();
if (options !== undefined) {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => interrupt.abort(new Error('interrupted')));
  }
  try {
    process.exitCode = (await demonstrate(options, interrupt.signal)) ? 0 : 1;
  } catch (error) {
    fail(error, 1);
  }
}
