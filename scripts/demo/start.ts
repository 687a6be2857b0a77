import { withEmulators } from '../cloud/with-emulators.ts';
import { createNarrator } from './narrator.ts';
import { type DemoOptions, readOptions, USAGE } from './options.ts';
import { asTyped, createProcesses } from './processes.ts';
import { createStory, type Files, filesIn } from './story.ts';

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
    if (signal.aborted) resolve();
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

/** @param emulators where the emulators are; undefined: the control plane is `vantio serve`. */
async function tell(
  options: DemoOptions,
  interrupted: AbortSignal,
  emulators?: NodeJS.ProcessEnv,
): Promise<boolean> {
  const processes = createProcesses();
  process.once('exit', processes.killAll);
  const narrator = createNarrator();
  const files = filesIn(options.dir);
  const story = createStory(files, processes, narrator);

  await story.makeKey();
  const cloud = emulators && (await story.serveCloud(emulators));
  const plane = cloud ?? (await story.serve());
  const provider = await story.serveModels();
  try {
    await story.runAgent(plane, provider);
    if (cloud) await story.exportLedger(cloud);
    story.expectWhole(provider);
    await story.show();
    await story.verify();
    await story.tamper();
    if (!options.once) {
      tryNext(files, plane.url);
      await untilInterrupted(interrupted);
    }
  } finally {
    await provider.close();
    await processes.stopAll();
  }
  const { records, verified } = await story.count();
  for (const failure of narrator.failures) console.error(`did not hold: ${failure}`);
  console.log(
    `\nrecords ${records}, verified ${verified}, ledger ${files.ledger}, key ${files.keys}`,
  );
  return narrator.failures.length === 0;
}

const options = readOptions(process.argv.slice(2), new Date());
if (options === 'help') {
  console.log(USAGE);
} else {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => interrupt.abort());
  }
  try {
    process.exitCode = (await demonstrate(options, interrupt.signal)) ? 0 : 1;
  } catch (error) {
    console.error(`scripts/start: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
