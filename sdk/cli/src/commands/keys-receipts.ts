import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { loadCloud } from '../cloud/open-cloud.ts';
import { writeNewSecret } from '../new-secret-file.ts';
import { createScreen } from '../terminal/screen.ts';
import { loadControlPlane, told } from './local-control-plane.ts';
import { wholeNumber } from './option-types.ts';

type Options = {
  readonly logName: string;
  readonly logKey: string;
  readonly logPublicKey?: string;
  readonly days: number;
  readonly out?: string;
  readonly json?: true;
};

export const receiptsCommand = (): Command =>
  new Command('receipts')
    .summary("make the key that signs the cloud's receipts")
    .description(
      "Makes a key that signs what the cloud's ingest promises, and has the log's key vouch for it, for some days. Prints both, for\n" +
        'the secret that ingest reads, or writes them to a new file that only you can read.',
    )
    .requiredOption('--log-name <name>', 'what the logs are called (vantio:logName, or the domain)')
    .requiredOption(
      '--log-key <key>',
      "the log's private key: a PEM file of mode 0600, - for standard input, or what Google calls its secret\nor its version in Cloud KMS",
    )
    .option(
      '--log-public-key <hex>',
      "the log's public key; wanted where Google keeps the private one",
    )
    .option('--days <n>', 'days that it is valid', wholeNumber('--days', 1, 400), 120)
    .option('--out <file>', 'write them to this new file, mode 0600')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Exit codes: 0 made; 2 bad arguments, or it could not be made.

Ingest reads the secret again within a minute. Receipts of the key before hold as long as their certificate says.

Examples:
  $ vantio keys receipts --log-name vantio.example --log-key log-key.pem | gcloud secrets versions add vantio-receipt-key --data-file=-
  $ vantio keys receipts --log-name vantio.example --log-public-key 64_HEX_DIGITS \\
      --log-key projects/p/locations/europe-west1/keyRings/vantio/cryptoKeys/log/cryptoKeyVersions/1 --out receipt-key`,
    )
    .action(receipts);

async function receipts(options: Options): Promise<void> {
  const { logName, days, out, json } = options;
  if (!/^[a-z0-9][a-z0-9.-]{0,127}$/.test(logName))
    throw new CliError(
      '--log-name wants 1 to 128 characters of a-z, 0-9, . and -, and no . or - at the start.',
    );
  const signer = await signerOf(options);
  const { makeReceiptKey } = await loadCloud();
  try {
    const { text, certificate } = await makeReceiptKey({ logName, sign: signer, days });
    if (out !== undefined) writeNewSecret(out, () => text.trimEnd());
    const { not_after: notAfter, public_key: publicKey } = certificate;
    if (json)
      print(
        `${JSON.stringify({ public_key: publicKey, not_after: notAfter, ...(out === undefined ? { secret: text } : { out }) })}\n`,
      );
    else if (out === undefined) print(text);
    else
      print(
        `receipt key ${publicKey}, valid until ${notAfter}, is in ${createScreen(process.stdout).safe(out)}\n`,
      );
  } catch (error) {
    throw told(error);
  }
}

async function signerOf({ logKey, logPublicKey }: Options) {
  if (logKey.startsWith('projects/')) {
    if (!/^[0-9a-f]{64}$/.test(logPublicKey ?? ''))
      throw new CliError(
        '--log-public-key wants 64 lower-case hex digits, so that no other key can vouch.',
      );
    const { openLogKey } = await loadCloud();
    try {
      return (await openLogKey(logKey, logPublicKey ?? '')).sign;
    } catch (error) {
      throw keyFault(error);
    }
  }
  const { readSecret } = await loadControlPlane();
  const key = ed25519Of(
    attemptRead(() => (logKey === '-' ? readFileSync(0, 'utf8') : readSecret(logKey))),
    logKey,
  );
  return (text: string) => sign(null, Buffer.from(text), key);
}

function attemptRead(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch (error) {
    throw told(error);
  }
}

function ed25519Of(pem: string | undefined, file: string): KeyObject {
  if (pem === undefined)
    throw new CliError(`${file} is not there; name the log's private key with --log-key.`);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new CliError(`${file} is not an Ed25519 private key (PKCS#8 PEM).`);
}

/** What Google says may hold names of others' projects; the codes that are ours say enough. */
function keyFault(error: unknown): unknown {
  const { name, message } = (error ?? {}) as { readonly name?: string; readonly message?: string };
  if (name === 'LogKeyError' || name === 'SettingError') return new CliError(`${message}.`);
  return new CliError(
    "the log's key cannot be used: check --log-key, and that your account may read the secret or sign with the key (gcloud auth application-default login).",
  );
}

const print = (text: string): void => void process.stdout.write(text);
