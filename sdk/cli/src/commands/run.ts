import { dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { findPreload } from '../run/find-preload.ts';
import { type PreloadFlag, withPreload } from '../run/node-options.ts';
import { type Ending, endLike, supervise } from '../run/supervise.ts';
import { type TraceRoot, traceRoot } from '../run/trace-root.ts';
import { canWriteIn, isHttpUrl, whyUnrecorded } from '../run/why-unrecorded.ts';

type Options = {
  readonly require?: true;
  readonly import?: true;
  readonly traceChildren?: true;
  readonly keyFile?: string;
  readonly ingestUrl?: string;
  readonly outputFile?: string;
  readonly policy?: string;
  readonly quiet?: true;
  readonly json?: true;
};

export const runCommand = (): Command =>
  new Command('run')
    .summary('run a program under one trace, without changing its code')
    .description(
      'Runs a program with the SDK loaded into every Node.js process of it, worker threads and children included, by\n' +
        'NODE_OPTIONS, and with one VANTIO_TRACE_ID in the environment of all of them. Nothing in the program is wrapped,\n' +
        'unless a policy is enforced (--policy, or VANTIO_CLOUD_INGEST=true): doctor says what is replaced then.',
    )
    .usage('[options] -- <command> [args...]')
    .argument('<command...>', 'the program and its arguments')
    .passThroughOptions()
    .option('--key-file <file>', 'file with the one API key to record under')
    .option('--ingest-url <url>', 'control plane to send records to, such as http://127.0.0.1:8787')
    .option('--output-file <file>', 'ledger to write records to, without a control plane')
    .option('--policy <file>', 'policy to enforce in every Node.js process of the run')
    .option(
      '--trace-children',
      'wrap node:child_process so that a child carries the shield that started it',
    )
    .addOption(
      new Option('--require', 'load the SDK by --require (the default)').conflicts('import'),
    )
    .option('--import', 'load the SDK by --import')
    .option('-q, --quiet', 'do not print the trace id on standard error')
    .option('--json', 'print trace id and ending as one JSON line on standard error')
    .addHelpText(
      'after',
      `
The environment decides what the options leave open: VANTIO_API_KEY, VANTIO_INGEST_URL, VANTIO_OUTPUT_FILE,
VANTIO_POLICY_FILE, VANTIO_CLOUD_INGEST, VANTIO_TRUST, VANTIO_TRACE_ID (continued, as is a W3C TRACEPARENT). Programs that are not Node.js get the environment and no more.
Not covered: a Worker made with an empty env, and a child whose env drops NODE_OPTIONS or VANTIO_TRACE_ID.

Exit codes: those of the program; 128 + n, by the same signal, when signal n ended it; 127 not found; 126 not
executable; 2 bad arguments.

Examples:
  $ vantio run -- node app.js
  $ vantio run --output-file ledger.ndjson --key-file agent.key -- npm test
  $ vantio run --policy policy.json -- node agent.mjs
  $ vantio run --trace-children -- node agent.mjs --verbose`,
    )
    .action(runProgram);

async function runProgram(
  [command = '', ...args]: readonly string[],
  given: Options,
): Promise<void> {
  const policy = given.policy ?? (process.env.VANTIO_POLICY_FILE || undefined);
  const options = { ...given, ...(policy === undefined ? {} : { policy }) };
  if (options.policy !== undefined) {
    // It brings zod, which no other run should wait for.
    const { requirePolicy } = await import('../run/require-policy.ts');
    requirePolicy(options.policy);
  }
  const root = traceRoot(process.env);
  const environment = runEnvironment(process.env, root, options);
  const unrecorded = whyUnrecorded(environment);
  if (!options.quiet && !options.json) announce(root, options);
  if (unrecorded !== undefined && !options.json)
    process.stderr.write(`vantio: nothing is recorded: ${unrecorded}\n`);
  const ended = await supervise(command, args, environment);
  if (options.json)
    process.stderr.write(`${JSON.stringify({ ...jsonEnding(root, ended), unrecorded })}\n`);
  endLike(ended);
}

function runEnvironment(
  inherited: NodeJS.ProcessEnv,
  { traceId, traceparent }: TraceRoot,
  { import: byImport, traceChildren, keyFile, ingestUrl, outputFile, policy }: Options,
): NodeJS.ProcessEnv {
  const flag: PreloadFlag = byImport ? '--import' : '--require';
  return {
    ...inherited,
    VANTIO_TRACE_ID: traceId,
    ...(traceparent === undefined ? {} : { TRACEPARENT: traceparent }),
    NODE_OPTIONS: withPreload(inherited.NODE_OPTIONS, flag, findPreload(flag)),
    ...(traceChildren ? { VANTIO_TRACE_CHILDREN: '1' } : {}),
    // Absolute, because children may run elsewhere and are held to the same policy.
    ...(policy === undefined ? {} : { VANTIO_POLICY_FILE: resolve(policy) }),
    ...(keyFile === undefined ? {} : { VANTIO_API_KEY: oneKey(keyFile) }),
    ...(ingestUrl === undefined ? {} : { VANTIO_INGEST_URL: requireUrl(ingestUrl) }),
    // Absolute, because children may run elsewhere and must write to the same ledger.
    ...(outputFile === undefined ? {} : { VANTIO_OUTPUT_FILE: requireLedger(resolve(outputFile)) }),
  };
}

function oneKey(file: string): string {
  const [key, ...others] = readKeyFiles([file]);
  if (key === undefined || others.length > 0)
    throw new CliError(
      `${file} holds several API keys; run records under one: name a file with one.`,
    );
  return key;
}

function requireUrl(text: string): string {
  if (isHttpUrl(text)) return text;
  throw new CliError('--ingest-url wants an http or https URL, such as http://127.0.0.1:8787.');
}

function requireLedger(file: string): string {
  if (!/[^/]\.ndjson$/.test(file))
    throw new CliError('--output-file wants a name that ends in .ndjson, such as ledger.ndjson.');
  if (!canWriteIn(dirname(file)))
    throw new CliError(
      `${dirname(file)} cannot be written in: make the folder of --output-file, or give this user the right.`,
    );
  return file;
}

function announce({ traceId, origin }: TraceRoot, { traceChildren, policy }: Options): void {
  process.stderr.write(`vantio: trace ${traceId}${origin === 'continued' ? ' (continued)' : ''}\n`);
  if (policy !== undefined || process.env.VANTIO_CLOUD_INGEST === 'true')
    process.stderr.write(
      'vantio: policy is enforced: functions of Node.js are replaced in every process of this run (vantio doctor lists them)\n',
    );
  if (traceChildren)
    process.stderr.write(
      'vantio: --trace-children replaces the functions of node:child_process in every Node.js process of this run\n',
    );
}

const jsonEnding = ({ traceId, origin }: TraceRoot, ended: Ending) => ({
  trace_id: traceId,
  trace: origin,
  ...(ended.kind === 'exit' ? { exit_code: ended.code } : { signal: ended.signal }),
});
