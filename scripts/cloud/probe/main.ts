/** scripts/probe-live: asks a deployed project whether its promises hold. See `USAGE`. */
import { PROBES } from './finding.ts';
import { OptionError, type ProbeOptions, readOptions, USAGE } from './options.ts';
import { countsOf, type Report, renderEnd, renderOutcome } from './report.ts';
import { CannotActError } from './subject.ts';

const EXIT = { proved: 0, refuted: 1, notMeasured: 2, usage: 64, unavailable: 69 } as const;
const EMULATORS = ['SPANNER_EMULATOR_HOST', 'PUBSUB_EMULATOR_HOST', 'BIGQUERY_EMULATOR_HOST'];

async function probe(options: ProbeOptions): Promise<number> {
  const emulator = EMULATORS.find((name) => process.env[name] !== undefined);
  if (emulator !== undefined)
    throw new OptionError(`${emulator} is set: an emulator proves nothing of a project; unset it`);
  // The clients take a second to load; help and wrong arguments need none.
  const [{ liveSubject }, { runProbes }] = await Promise.all([
    import('./live-subject.ts'),
    import('./run-probes.ts'),
  ]);
  const { subject, close } = liveSubject(options);
  try {
    const { findings, notes } = await runProbes(subject, options.only, (name, outcome) => {
      if (!options.json) process.stdout.write(`${renderOutcome(name, outcome)}\n`);
    });
    const report: Report = {
      at: new Date().toISOString(),
      project: options.project,
      url: options.url,
      not_asked: PROBES.filter((name) => !options.only.includes(name)),
      counts: countsOf(findings),
      findings,
      notes,
    };
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : renderEnd(report));
    const { refuted, 'not measured': open } = report.counts;
    return refuted > 0 ? EXIT.refuted : open > 0 ? EXIT.notMeasured : EXIT.proved;
  } finally {
    await close();
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(USAGE);
  else process.exitCode = await probe(options);
} catch (error) {
  if (error instanceof OptionError) {
    console.error(`${error.message}\nscripts/probe-live --help says more`);
    process.exitCode = EXIT.usage;
  } else if (error instanceof CannotActError) {
    console.error(error.message);
    process.exitCode = EXIT.unavailable;
  } else throw error;
}
