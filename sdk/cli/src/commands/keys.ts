import type { IssuedKey } from '@vantio/functions/local';
import type { Plan } from '@vantio/schema';
import { readApiKey } from '@vantio/schema/api-key';
import { PLANS } from '@vantio/schema/plans';
import { Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { writeNewSecret } from '../new-secret-file.ts';
import { createScreen } from '../terminal/screen.ts';
import { receiptsCommand } from './keys-receipts.ts';
import { revocationsCommand } from './keys-revocations.ts';
import { loadControlPlane, stateDirOf, told } from './local-control-plane.ts';

type Common = { readonly stateDir?: string; readonly json?: true };
type CreateOptions = Common & {
  readonly tenant: string;
  readonly plan: Plan;
  readonly expires?: string;
  readonly out?: string;
};

const STATE_DIR = [
  '--state-dir <dir>',
  'where the key-making key is (VANTIO_STATE_DIR, else .vantio)',
] as const;

export const keysCommand = (): Command => {
  const keys = new Command('keys')
    .summary('make, revoke and list API keys')
    .description(
      'API keys of the control plane on this machine. A key is shown once and kept nowhere: put it where the agent finds it.',
    )
    .addHelpText(
      'after',
      `
Each command has --json. Exit codes: 0 done; 2 bad arguments, or it could not be done.

Examples:
  $ vantio keys create --tenant acme --out agent.key
  $ vantio keys list
  $ vantio keys revoke 520bf2dcd8095a30`,
    );
  for (const command of [
    createCommand(),
    revokeCommand(),
    listCommand(),
    revocationsCommand(),
    receiptsCommand(),
  ])
    keys.addCommand(command);
  return keys;
};

const createCommand = (): Command =>
  new Command('create')
    .summary('make an API key')
    .description(
      'Makes an API key and prints it, or writes it to a new file that only you can read.',
    )
    .requiredOption('--tenant <name>', 'tenant that records under the key belong to')
    .addOption(
      new Option('--plan <plan>', 'quota of the key; local has none')
        .choices(PLANS.filter((plan) => plan !== 'control'))
        .default('local'),
    )
    .option('--expires <time>', 'when it expires: 12h, 90d, 2w, 1y from now (never)')
    .option('--out <file>', 'write it to this new file, mode 0600')
    .option(...STATE_DIR)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `\nExit codes: 0 made; 2 bad arguments, or it could not be made.\n\nExamples:\n  $ vantio keys create --tenant acme --out agent.key\n  $ export VANTIO_API_KEY=$(vantio keys create --tenant acme --expires 90d)`,
    )
    .action(create);

const revokeCommand = (): Command =>
  new Command('revoke')
    .summary('revoke an API key by its id')
    .description('Revokes an API key for good; a running control plane refuses it within seconds.')
    .argument('<id>', 'key id, as keys list prints it')
    .option(...STATE_DIR)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit codes: 0 revoked, now or before; 2 bad arguments, or it could not be revoked.\n\nExample:\n  $ vantio keys revoke 520bf2dcd8095a30',
    )
    .action(revoke);

const listCommand = (): Command =>
  new Command('list')
    .summary('list the API keys made here')
    .description('Lists the API keys that were made in this state directory: ids, never the keys.')
    .option(...STATE_DIR)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit codes: 0 listed; 2 bad arguments, or the state directory cannot be read.\n\nExample:\n  $ vantio keys list',
    )
    .action(list);

async function create({
  tenant,
  plan,
  expires,
  out,
  json,
  ...options
}: CreateOptions): Promise<void> {
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(tenant))
    throw new CliError(
      '--tenant wants 1 to 63 characters of a-z, 0-9, _ and -, and no _ or - at the start.',
    );
  const expiry = expires === undefined ? {} : { expiresAt: expiryOf(expires) };
  const { createKey } = await loadControlPlane();
  const make = () =>
    attempt(() => createKey(stateDirOf(options), { tenantId: tenant, plan, ...expiry }));
  const apiKey = out === undefined ? make() : writeNewSecret(out, make);
  const { keyId, expiresAt } = readApiKey(apiKey);
  if (json) {
    const where = out === undefined ? { api_key: apiKey } : { file: out };
    print({ key_id: keyId, tenant_id: tenant, plan, expires_at: expiresAt, ...where });
    return;
  }
  const { safe } = createScreen(process.stdout);
  process.stdout.write(
    out === undefined
      ? `${apiKey}\n`
      : `key ${keyId} of tenant ${tenant}, plan ${plan}, is in ${safe(out)}\n`,
  );
}

async function revoke(id: string, { json, ...options }: Common): Promise<void> {
  if (!/^[0-9a-f]{16}$/.test(id))
    throw new CliError('a key id is 16 lower-case hex digits; vantio keys list prints them.');
  const { listKeys, revokeKey } = await loadControlPlane();
  const stateDir = stateDirOf(options);
  const changed = attempt(() => revokeKey(stateDir, id));
  const known = attempt(() => listKeys(stateDir)).some(({ keyId }) => keyId === id);
  if (json) print({ key_id: id, revoked: true, changed, made_here: known });
  else process.stdout.write(`key ${id} ${changed ? 'is revoked' : 'was revoked before'}\n`);
  if (!known)
    process.stderr.write(
      `vantio: no key ${id} was made in this state directory; it is revoked all the same: check the id.\n`,
    );
}

async function list({ json, ...options }: Common): Promise<void> {
  const { listKeys } = await loadControlPlane();
  const keys = attempt(() => listKeys(stateDirOf(options)));
  if (json) print({ keys: keys.map(keyJson) });
  else for (const key of keys) process.stdout.write(`${keyLine(key)}\n`);
  if (!json && keys.length === 0)
    process.stdout.write('no keys were made here; vantio keys create makes one\n');
  process.exitCode = EXIT.ok;
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** @returns seconds since 1970. */
function expiryOf(text: string): number {
  const [, count, unit = ''] = /^([1-9][0-9]{0,4})([hdwy])$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  if (count === undefined || seconds === undefined)
    throw new CliError('--expires wants a time from now, such as 12h, 90d, 2w or 1y.');
  return Math.floor(Date.now() / 1000) + Number(count) * seconds;
}

function attempt<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw told(error);
  }
}

const print = (document: unknown): void =>
  void process.stdout.write(`${JSON.stringify(document)}\n`);

const keyJson = ({ keyId, tenantId, plan, expiresAt, createdAt, revoked }: IssuedKey) => ({
  key_id: keyId,
  tenant_id: tenantId,
  plan,
  expires_at: expiresAt,
  created_at: createdAt,
  revoked,
});

function keyLine({ keyId, tenantId, plan, expiresAt, createdAt, revoked }: IssuedKey): string {
  const { paint, safe } = createScreen(process.stdout);
  const until =
    expiresAt === 0
      ? 'never expires'
      : `until ${new Date(expiresAt * 1000).toISOString().slice(0, 10)}`;
  const state = revoked
    ? paint('red', 'revoked')
    : expiresAt !== 0 && expiresAt * 1000 <= Date.now()
      ? paint('red', 'expired')
      : paint('green', 'good');
  return `${keyId}  ${safe(tenantId)}  ${safe(plan)}  made ${safe(createdAt.slice(0, 10))}  ${until}  ${state}`;
}
