import type { PublishedPolicy } from '@vantio/functions/local';
import { wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import {
  inFile,
  isEnvelope,
  readPolicyText,
  requireTenant,
  writtenPolicy,
} from '../policy/read-policy-file.ts';
import { readSigningKey } from '../policy/signing-key.ts';
import { createScreen } from '../terminal/screen.ts';
import { loadControlPlane, stateDirOf, told } from './local-control-plane.ts';
import { wholeNumber } from './option-types.ts';

type Common = { readonly tenant: string; readonly stateDir?: string; readonly json?: true };
type Signing = Common & { readonly signKey?: string };

const TENANT = ['--tenant <name>', 'tenant that the policy is for'] as const;
const SIGN_KEY = ['--sign-key <file>', 'sign it with this key, from policy keygen'] as const;
const STATE_DIR = [
  '--state-dir <dir>',
  'of the control plane (VANTIO_STATE_DIR, else .vantio)',
] as const;
const JSON_OPTION = ['--json', 'print one JSON document'] as const;

export const pushCommand = (): Command =>
  new Command('push')
    .summary('publish a policy on the control plane of this machine')
    .description(
      'Appends a policy to those that were published for a tenant; its version must be above all of them. A control plane that\n' +
        'runs serves it within a second or two and records the change. It writes to the state directory: whoever may, may publish.',
    )
    .argument('<file>', 'policy, or a signed one')
    .requiredOption(...TENANT)
    .option(...SIGN_KEY)
    .option(...STATE_DIR)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExit codes: 0 published; 2 bad arguments, or it could not be published.\n\nExample:\n  $ vantio policy push policy.json --tenant acme --sign-key policy.key',
    )
    .action(push);

export const historyCommand = (): Command =>
  new Command('history')
    .summary('list the versions that were published for a tenant')
    .description('Lists the versions that were published for a tenant, oldest first.')
    .requiredOption(...TENANT)
    .option(...STATE_DIR)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExit codes: 0 listed; 2 bad arguments, or they cannot be read.\n\nExample:\n  $ vantio policy history --tenant acme',
    )
    .action(history);

export const rollbackCommand = (): Command =>
  new Command('rollback')
    .summary('publish the rules of an older version again')
    .description(
      'Publishes the rules of an older version under a new one, for versions only go up. What was signed must be signed again.',
    )
    .argument('<version>', 'version to go back to', wholeNumber('<version>', 1))
    .requiredOption(...TENANT)
    .option(...SIGN_KEY)
    .option(...STATE_DIR)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExit codes: 0 published; 2 bad arguments, or it could not be published.\n\nExample:\n  $ vantio policy rollback 6 --tenant acme --sign-key policy.key',
    )
    .action(rollback);

async function push(file: string, options: Signing): Promise<void> {
  const tenant = requireTenant(options.tenant);
  const { publishPolicy } = await loadControlPlane();
  const text = readPolicyText(file);
  try {
    // What is signed goes as it is, so that its signature holds.
    const isReady = options.signKey === undefined && isEnvelope(text);
    const envelope = isReady ? text.trim() : wrapped(writtenPolicy(text), options);
    requireOwn(envelope, tenant, file);
    say('published', publishPolicy(stateDirOf(options), envelope), options);
  } catch (error) {
    throw told(inFile(file, error));
  }
}

async function history(options: Common): Promise<void> {
  const published = await publishedFor(options);
  if (options.json)
    process.stdout.write(`${JSON.stringify({ versions: published.map(entryOf) })}\n`);
  else for (const one of published) process.stdout.write(`${lineOf(one)}\n`);
  if (!options.json && published.length === 0)
    process.stdout.write('no policy was published for this tenant\n');
}

async function rollback(version: number, options: Signing): Promise<void> {
  const { publishPolicy } = await loadControlPlane();
  const published = await publishedFor(options);
  const goal = published.find(({ envelope }) => envelope.policy.version === version);
  const last = published.at(-1);
  if (goal === undefined || last === undefined)
    throw new CliError(
      `version ${version} was not published for this tenant; vantio policy history lists those that were.`,
    );
  if (goal.envelope.signed !== undefined && options.signKey === undefined)
    throw new CliError(
      `version ${version} was signed, and a new version is signed anew: give --sign-key.`,
    );
  const written = {
    ...(JSON.parse(goal.envelope.canonical) as object),
    version: last.envelope.policy.version + 1,
  };
  try {
    say('published', publishPolicy(stateDirOf(options), wrapped(written, options)), options);
  } catch (error) {
    throw told(inFile(`version ${version}`, error));
  }
}

const wrapped = (written: unknown, { tenant, signKey }: Signing): string =>
  wrapPolicy(written, tenant, signKey === undefined ? undefined : readSigningKey(signKey));

function requireOwn(envelope: string, tenant: string, file: string): void {
  if ((JSON.parse(envelope) as { readonly tenant_id?: unknown }).tenant_id !== tenant)
    throw new CliError(`${file} is signed for another tenant than --tenant; sign it for this one.`);
}

async function publishedFor(options: Common): Promise<readonly PublishedPolicy[]> {
  const tenant = requireTenant(options.tenant);
  const { listPolicies } = await loadControlPlane();
  try {
    return listPolicies(stateDirOf(options)).filter(({ envelope }) => envelope.tenantId === tenant);
  } catch (error) {
    throw told(error);
  }
}

const entryOf = ({ envelope: { policy, sha256, signed }, publishedAt }: PublishedPolicy) => ({
  version: policy.version,
  mode: policy.mode,
  published_at: publishedAt,
  policy_sha256: sha256,
  ...(signed === undefined ? {} : { signer_id: signed.signerId }),
});

function lineOf(published: PublishedPolicy): string {
  const { safe } = createScreen(process.stdout);
  const { version, mode, published_at, policy_sha256, signer_id } = entryOf(published);
  const by = signer_id === undefined ? 'not signed' : `signed by ${signer_id}`;
  return safe(
    `version ${version}  ${published_at.slice(0, 19)}Z  ${mode}  ${by}  ${policy_sha256.slice(0, 16)}`,
  );
}

function say(what: string, published: PublishedPolicy, { json }: Common): void {
  process.stdout.write(
    json ? `${JSON.stringify(entryOf(published))}\n` : `${what}: ${lineOf(published)}\n`,
  );
}
