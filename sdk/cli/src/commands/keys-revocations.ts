import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { CliError, systemCode } from '../cli-error.ts';
import { plural } from '../terminal/quantities.ts';
import { createScreen } from '../terminal/screen.ts';
import { loadControlPlane, stateDirOf, told } from './local-control-plane.ts';
import { gather } from './option-types.ts';

type Options = {
  readonly first?: true;
  readonly list?: string;
  readonly add: readonly string[];
  readonly key?: string;
  readonly stateDir?: string;
  readonly signer: readonly string[];
  readonly out?: string;
  readonly json?: true;
};

export const revocationsCommand = (): Command =>
  new Command('revocations')
    .summary("sign the cloud's list of revoked keys")
    .description(
      'Makes the next signed list of revoked keys, for the secret that ingest and config read, and prints it or writes it to\n' +
        'a new file. A key never leaves the list. It changes nothing on this machine; keys revoke does that.',
    )
    .option('--first', 'begin a list: there is none yet')
    .option('--list <file>', 'the list as it stands (- for standard input)')
    .option('--add <id>', 'id of a key to revoke (repeatable)', gather, [])
    .option('--key <file>', 'private key-making key, PEM, mode 0600 (- for standard input)')
    .option(
      '--state-dir <dir>',
      'without --key: where keymaker.pem is (VANTIO_STATE_DIR, else .vantio)',
    )
    .option(
      '--signer <hex>',
      'public half of a key-making key that may have signed the list before (repeatable)',
      gather,
      [],
    )
    .option('--out <file>', 'write it to this new file')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Exit codes: 0 made; 2 bad arguments, or it could not be made.

Functions look again within 60 s. They refuse a list that is older than one they saw: give the newest to --list.

Examples:
  $ vantio keys revocations --first --key keymaker.pem | gcloud secrets versions add vantio-revocations --data-file=-
  $ gcloud secrets versions access latest --secret=vantio-revocations > revoked.json
  $ vantio keys revocations --list revoked.json --add 520bf2dcd8095a30 --key keymaker.pem --out next.json
  $ gcloud secrets versions add vantio-revocations --data-file=next.json`,
    )
    .action(revocations);

async function revocations(options: Options): Promise<void> {
  const { first, list, key, add, signer, out, json } = options;
  if ((first === undefined) === (list === undefined))
    throw new CliError(
      'say --first when there is no list yet, or give the one that there is with --list.',
    );
  if (list === '-' && key === '-')
    throw new CliError('only one of --list and --key can come from standard input.');
  if (!add.every((id) => /^[0-9a-f]{16}$/.test(id)))
    throw new CliError(
      '--add wants a key id, 16 lower-case hex digits; it is the third part of an API key.',
    );
  const { readSecret, updateRevocationList } = await loadControlPlane();
  const keyFile = key ?? join(stateDirOf(options), 'keymaker.pem');
  try {
    const keyPem = key === '-' ? readFileSync(0, 'utf8') : readSecret(keyFile);
    if (keyPem === undefined)
      throw new CliError(`${keyFile} is not there; name the key-making key with --key.`);
    const known = list === undefined ? {} : { known: textOf(list) };
    const made = updateRevocationList({ keyPem, ...known, trusted: signer, add });
    if (out !== undefined) writeFileSync(out, made.text, { flag: 'wx', mode: 0o600 });
    const { version, keyIds, added, text } = made;
    if (json) {
      const where = out === undefined ? { list: text } : { out };
      print(`${JSON.stringify({ version, revoked: keyIds.length, added, ...where })}\n`);
    } else if (out === undefined) print(text);
    else
      print(
        `list ${version} of ${plural(keyIds.length, 'revoked key')}, ${added.length} of them new, is in ${createScreen(process.stdout).safe(out)}\n`,
      );
  } catch (error) {
    if (systemCode(error) === 'EEXIST')
      throw new CliError(`${out} is there already; name a new file.`);
    throw told(error);
  }
}

const print = (text: string): void => void process.stdout.write(text);

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CliError(
      `${file} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}
