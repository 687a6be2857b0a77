import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { SEGMENT } from '../ledger/ledger-family.ts';
import { loadControlPlane, stateDirOf, told } from './local-control-plane.ts';

type Options = { readonly stateDir?: string; readonly reason?: string; readonly json?: true };

const STATE_DIR = [
  '--state-dir <dir>',
  'where the keys of the log are (VANTIO_STATE_DIR, else .vantio)',
] as const;
const REASON = ['--reason <code>', 'why, for the record: a code such as yearly'] as const;

export const logCommand = (): Command => {
  const log = new Command('log')
    .summary('change the key that signs the log of a ledger')
    .description(
      'Changes the key that signs the log of a local ledger. No server may be writing the ledger meanwhile.',
    )
    .addHelpText(
      'after',
      `
Each command has --json. Exit codes: 0 done; 2 bad arguments, a ledger that a server is writing, or it could not be done.

Examples:
  $ vantio log rotate ledger.ndjson
  $ vantio log revoke ledger.ndjson 0e5f3a71 --reason key_exposed`,
    );
  for (const command of [rotateCommand(), revokeCommand()]) log.addCommand(command);
  return log;
};

const rotateCommand = (): Command =>
  new Command('rotate')
    .summary('hand over to a new key')
    .description(
      'Makes a new key and has the old one hand over to it: a record in the ledger, a checkpoint that both sign, and a note of\n' +
        'both in NAME.log/rotations. Whoever pinned the old key follows. Cut short, it goes on with the same command.',
    )
    .argument('<ledger>', 'local ledger, NAME.ndjson')
    .option(...REASON)
    .option(...STATE_DIR)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit codes: 0 handed over; 2 bad arguments, or it could not be done.\n\nExample:\n  $ vantio log rotate ledger.ndjson --reason yearly',
    )
    .action(rotate);

const revokeCommand = (): Command =>
  new Command('revoke')
    .summary('revoke a key that handed over')
    .description(
      'Puts it in the ledger that a key of its log, which handed over, is not honoured from there on. What it signed before stays.',
    )
    .argument('<ledger>', 'local ledger, NAME.ndjson')
    .argument('<id>', 'id of the key, 8 hex digits, as log rotate and verify print it')
    .option(...REASON)
    .option(...STATE_DIR)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit codes: 0 revoked, now or before; 2 bad arguments, the key in charge, or it could not be done.\n\nExample:\n  $ vantio log revoke ledger.ndjson 0e5f3a71 --reason key_exposed',
    )
    .action(revoke);

async function rotate(ledger: string, options: Options): Promise<void> {
  const common = commonOf(ledger, options);
  const { rotateLogKey } = await loadControlPlane();
  const { origin, keyId, nextKeyId, size } = await attempt(() => rotateLogKey(common));
  say(
    options,
    { origin, key_id: keyId, next_key_id: nextKeyId, size },
    `key ${keyId} handed over to ${nextKeyId} at size ${size}`,
  );
}

async function revoke(ledger: string, keyId: string, options: Options): Promise<void> {
  const common = commonOf(ledger, options);
  if (!/^[0-9a-f]{8}$/.test(keyId))
    throw new CliError('the id of a log key is 8 lower-case hex digits; vantio verify prints it.');
  const { revokeLogKey } = await loadControlPlane();
  const changed = await attempt(() => revokeLogKey({ ...common, keyId }));
  say(
    options,
    { key_id: keyId, revoked: true, changed },
    `log key ${keyId} ${changed ? 'is revoked' : 'was revoked before'}`,
  );
}

function commonOf(ledger: string, options: Options) {
  if (
    !/[^/]\.ndjson$/.test(ledger) ||
    SEGMENT.test(ledger) ||
    ledger.endsWith('.disclosures.ndjson')
  )
    throw new CliError(
      `${ledger} does not name a ledger; name its active file, such as ledger.ndjson.`,
    );
  const { reason } = options;
  if (reason !== undefined && !/^[a-z0-9_.-]{1,64}$/.test(reason))
    throw new CliError('--reason wants a code: 1 to 64 characters of a-z, 0-9, _, . and -.');
  return {
    ledgerFile: ledger,
    stateDir: stateDirOf(options),
    log: (message: string) => void process.stderr.write(`vantio: ${message}\n`),
    ...(reason === undefined ? {} : { reasonCode: reason }),
  };
}

async function attempt<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw told(error);
  }
}

const say = ({ json }: Options, document: object, text: string): void =>
  void process.stdout.write(`${json ? JSON.stringify(document) : text}\n`);
