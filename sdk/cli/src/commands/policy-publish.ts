import { readEnvelope, wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { openCloudPolicies } from '../policy/open-cloud-policies.ts';
import { openLocalPolicies } from '../policy/open-local-policies.ts';
import type { PolicyEntry, PolicyStore } from '../policy/policy-store.ts';
import {
  inFile,
  isEnvelope,
  readPolicyText,
  requireTenant,
  writtenPolicy,
} from '../policy/read-policy-file.ts';
import { readSigningKey } from '../policy/signing-key.ts';
import { createScreen } from '../terminal/screen.ts';
import { stateDirOf, told } from './local-control-plane.ts';
import { wholeNumber } from './option-types.ts';

type Common = {
  readonly tenant: string;
  readonly stateDir?: string;
  readonly database?: string;
  readonly databaseRole: string;
  readonly json?: true;
};
type Publishing = Common & {
  readonly signKey?: string;
  readonly ingestUrl?: string;
  readonly keyFile?: string;
};

const withPlace = (command: Command): Command =>
  command
    .requiredOption('--tenant <name>', 'tenant that the policy is for')
    .option('--state-dir <dir>', 'of the control plane (VANTIO_STATE_DIR, else .vantio)')
    .option('--database <path>', 'projects/P/instances/I/databases/D, instead of a state directory')
    .option('--database-role <role>', 'database role to publish under', 'policy_publisher')
    .option('--json', 'print one JSON document');

const withPublishing = (command: Command): Command =>
  withPlace(command)
    .option('--sign-key <file>', 'sign it with this key, from policy keygen')
    .option('--ingest-url <url>', 'where ingest is; with --database')
    .option('--key-file <file>', "the control plane's API key; with --database");

export const pushCommand = (): Command =>
  withPublishing(
    new Command('push')
      .summary('publish a policy')
      .description(
        'Adds a policy to those that were published for a tenant; its version must be above all of them. On this machine it is\n' +
          'written to the state directory of the control plane, which serves it within a second or two and records the change; in\n' +
          'the cloud to the database, and the record is sent to ingest. Whoever may write there may publish: emitters that pin a\n' +
          'key in VANTIO_TRUST take only what it signed.',
      )
      .argument('<file>', 'policy, or a signed one'),
  )
    .addHelpText(
      'after',
      `
Exit codes: 0 published; 1 published in the cloud and not recorded; 2 bad arguments, or it could not be published.

Examples:
  $ vantio policy push policy.json --tenant acme --sign-key policy.key
  $ vantio policy push policy.signed.json --tenant acme --database projects/p/instances/vantio/databases/vantio \\
      --ingest-url https://vantio.example.com --key-file control.key`,
    )
    .action(push);

export const historyCommand = (): Command =>
  withPlace(
    new Command('history')
      .summary('list the versions that were published for a tenant')
      .description('Lists the versions that were published for a tenant, oldest first.'),
  )
    .addHelpText(
      'after',
      '\nExit codes: 0 listed; 2 bad arguments, or they cannot be read.\n\nExample:\n  $ vantio policy history --tenant acme',
    )
    .action(history);

export const rollbackCommand = (): Command =>
  withPublishing(
    new Command('rollback')
      .summary('publish the rules of an older version again')
      .description(
        'Publishes the rules of an older version under a new one, for versions only go up. What was signed must be signed again.',
      )
      .argument(
        '<version>',
        'version to go back to',
        wholeNumber('<version>', 1, Number.MAX_SAFE_INTEGER),
      ),
  )
    .addHelpText(
      'after',
      '\nExit codes: 0 published; 1 published in the cloud and not recorded; 2 bad arguments, or it could not be published.\n\nExample:\n  $ vantio policy rollback 6 --tenant acme --sign-key policy.key',
    )
    .action(rollback);

async function push(file: string, options: Publishing): Promise<void> {
  const tenant = requireTenant(options.tenant);
  const text = readPolicyText(file);
  await inStore(options, file, async (store) => {
    // What is signed goes as it is, so that its signature holds.
    const isReady = options.signKey === undefined && isEnvelope(text);
    const envelope = isReady ? text.trim() : wrapped(writtenPolicy(text), options);
    await publish(store, envelope, tenant, options);
  });
}

async function history(options: Common): Promise<void> {
  const tenant = requireTenant(options.tenant);
  const versions = await inStore(options, 'a policy', (store) => store.list(tenant));
  if (options.json) process.stdout.write(`${JSON.stringify({ versions })}\n`);
  else for (const one of versions) process.stdout.write(`${lineOf(one)}\n`);
  if (!options.json && versions.length === 0)
    process.stdout.write('no policy was published for this tenant\n');
}

async function rollback(version: number, options: Publishing): Promise<void> {
  const tenant = requireTenant(options.tenant);
  await inStore(options, `version ${version}`, async (store) => {
    const text = await store.read(tenant, version);
    const last = (await store.list(tenant)).at(-1);
    if (text === undefined || last === undefined)
      throw new CliError(
        `version ${version} was not published for this tenant; vantio policy history lists those that were.`,
      );
    const { canonical, signed } = readEnvelope(text);
    if (signed !== undefined && options.signKey === undefined)
      throw new CliError(
        `version ${version} was signed, and a new version is signed anew: give --sign-key.`,
      );
    const written = { ...(JSON.parse(canonical) as object), version: last.version + 1 };
    await publish(store, wrapped(written, options), tenant, options);
  });
}

/** @param what stands before a fault of a policy. */
async function inStore<T>(
  options: Common,
  what: string,
  use: (store: PolicyStore) => Promise<T>,
): Promise<T> {
  const { database, stateDir } = options;
  if (database !== undefined && stateDir !== undefined)
    throw new CliError('name one of the two: --state-dir, or --database.');
  const store =
    database === undefined
      ? await openLocalPolicies(stateDirOf(options))
      : await openCloudPolicies({ ...options, database });
  try {
    return await use(store);
  } catch (error) {
    throw told(inFile(what, error));
  } finally {
    await store.close();
  }
}

const wrapped = (written: unknown, { tenant, signKey }: Publishing): string =>
  wrapPolicy(written, tenant, signKey === undefined ? undefined : readSigningKey(signKey));

async function publish(
  store: PolicyStore,
  envelope: string,
  tenant: string,
  { json }: Common,
): Promise<void> {
  const { tenantId, policy } = readEnvelope(envelope);
  if (tenantId !== tenant)
    throw new CliError(
      'the policy is signed for another tenant than --tenant; sign it for this one.',
    );
  await store.publish(envelope);
  const entry = (await store.list(tenant)).find(({ version }) => version === policy.version);
  if (entry === undefined) throw new CliError('the policy was published and is not listed.');
  process.stdout.write(json ? `${JSON.stringify(entry)}\n` : `published: ${lineOf(entry)}\n`);
}

function lineOf({ version, mode, published_at, policy_sha256, signer_id }: PolicyEntry): string {
  const { safe } = createScreen(process.stdout);
  const by = signer_id === undefined ? 'not signed' : `signed by ${signer_id}`;
  return safe(
    `version ${version}  ${published_at.slice(0, 19)}Z  ${mode}  ${by}  ${policy_sha256.slice(0, 16)}`,
  );
}
