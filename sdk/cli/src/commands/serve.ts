import { join, relative } from 'node:path';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { createScreen } from '../terminal/screen.ts';
import { loadControlPlane, stateDirOf, told } from './local-control-plane.ts';
import { wholeNumber } from './option-types.ts';

type Options = {
  readonly outputFile: string;
  readonly stateDir?: string;
  readonly host: string;
  readonly port: number;
  readonly rateLimit?: number;
  readonly policy?: string;
  readonly json?: true;
};

export const serveCommand = (): Command =>
  new Command('serve')
    .summary('run the control plane on this machine')
    .description(
      'Runs the control plane on this machine: takes records in, checks them, and appends them to a ledger file that is\n' +
        'synced before a record is acknowledged. Its keys are made at first start.',
    )
    .option('--output-file <file>', 'ledger to append to', 'ledger.ndjson')
    .option('--state-dir <dir>', 'where its keys are kept (VANTIO_STATE_DIR, else .vantio)')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <n>',
      'port to listen on; 0 for any free one',
      wholeNumber('--port', 0, 65_535),
      8787,
    )
    .option(
      '--rate-limit <n>',
      'requests a minute for each API key (100)',
      wholeNumber('--rate-limit', 1),
    )
    .option('--policy <file>', 'serve this policy to tenants that have none published')
    .option('--json', 'print one JSON line when it listens')
    .addHelpText(
      'after',
      `
SIGTERM and Ctrl-C end it once what it has taken in is acknowledged; a second one ends it at once.

Exit codes: 0 ended by a signal; 2 it could not start.

Examples:
  $ vantio serve
  $ vantio serve --port 0 --output-file audit/ledger.ndjson --json`,
    )
    .action(serve);

async function serve({
  outputFile,
  host,
  port,
  rateLimit,
  json,
  policy,
  ...options
}: Options): Promise<void> {
  if (!/[^/]\.ndjson$/.test(outputFile))
    throw new CliError('--output-file wants a name that ends in .ndjson, such as ledger.ndjson.');
  const stateDir = stateDirOf(options);
  const { runLocal } = await loadControlPlane();
  const limit = rateLimit === undefined ? {} : { rateLimit };
  const served = policy === undefined ? {} : { policyFile: policy };
  await runLocal({ outputFile, stateDir, host, port, ...limit, ...served }, (server) => {
    const place = {
      url: server.url,
      ledger: relative('', server.ledgerFile),
      log: relative('', server.logDirectory),
      vkey: relative('', server.verifierKeyFile),
      state_dir: stateDir,
      key_file: join(stateDir, 'keymaker.pem'),
      control_key: server.controlKeyFile,
    };
    process.stdout.write(json ? `${JSON.stringify(place)}\n` : greeting(place));
  }).catch((error) => {
    throw told(error);
  });
}

type Place = {
  readonly url: string;
  readonly ledger: string;
  readonly log: string;
  readonly vkey: string;
  readonly state_dir: string;
  readonly key_file: string;
  readonly control_key: string;
};

function greeting({ url, ledger, log, vkey, state_dir, key_file, control_key }: Place): string {
  const { paint, safe } = createScreen(process.stdout);
  const state = state_dir === '.vantio' ? '' : ` --state-dir ${safe(state_dir)}`;
  return `${paint('bold', 'vantio control plane')}
  listens at     ${paint('cyan', url)}
  ledger         ${safe(ledger)}
  log            ${safe(log)}, known by ${safe(vkey)}
  makes keys by  ${safe(key_file)}
  own key        ${safe(control_key)}

Make a key for an agent:  vantio keys create --tenant NAME${state} --out agent.key
Run an agent:             vantio run --key-file agent.key --ingest-url ${url} -- node app.js
Ctrl-C ends it.
`;
}
