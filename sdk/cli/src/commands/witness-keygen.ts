import { isKeyName } from '@vantio/schema/tlog/note';
import { Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { writeNewSecret } from '../new-secret-file.ts';
import type { WitnessAlgorithm } from '../witness/witness-key.ts';

type Options = {
  readonly name: string;
  readonly out: string;
  readonly algorithm: WitnessAlgorithm;
  readonly json?: true;
};

const ALGORITHMS = ['ed25519', 'ml-dsa-44'] as const satisfies readonly WitnessAlgorithm[];
const MAX_NAME_BYTES = 255;

export const witnessKeygenCommand = (): Command =>
  new Command('keygen')
    .summary('make a key to cosign with')
    .description(
      "Makes a witness's key, in a new file that only you can read, and prints its verifier key: the log's operator puts that\n" +
        'into NAME.log/witnesses, and whoever relies on the witness pins it.',
    )
    .requiredOption(
      '--name <name>',
      'of the witness: a URL without its scheme, of a domain of yours',
    )
    .requiredOption('--out <file>', 'write the key to this new file, mode 0600')
    .addOption(
      new Option('--algorithm <name>', 'ml-dsa-44 also holds against quantum computers')
        .choices(ALGORITHMS)
        .default('ed25519'),
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `\nExit codes: 0 made; 2 bad arguments, or it could not be made.\n\nExample:\n  $ vantio witness keygen --name example.com/our-witness --out witness.key`,
    )
    .action(keygen);

async function keygen({ name, out, algorithm, json }: Options): Promise<void> {
  if (!isKeyName(name) || /[\0-\x1f\x7f]/.test(name) || Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw new CliError(
      `--name wants 1 to ${MAX_NAME_BYTES} bytes without spaces and without +, such as example.com/our-witness.`,
    );
  // Loaded here: whether the runtime has ML-DSA-44 is found out by making a key.
  const { makeWitnessKey, verifierKeyIn } = await import('../witness/witness-key.ts');
  const vkey = verifierKeyIn(writeNewSecret(out, () => makeWitnessKey(name, algorithm)));
  process.stdout.write(
    json ? `${JSON.stringify({ verifier_key: vkey, file: out })}\n` : `${vkey}\n`,
  );
}
