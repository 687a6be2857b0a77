import { createPrivateKey } from 'node:crypto';
import { signerIdOf } from '@vantio/schema/api-key';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { Command } from 'commander';
import { writeNewSecret } from '../new-secret-file.ts';
import { makeSigningKey } from '../policy/signing-key.ts';

type Options = { readonly out: string; readonly json?: true };

export const policyKeygenCommand = (): Command =>
  new Command('keygen')
    .summary('make a key to sign policies with')
    .description(
      'Makes an Ed25519 key in a new file that only you can read, and prints its public half: emitters pin it in VANTIO_TRUST,\n' +
        'and then take no policy that it did not sign.',
    )
    .requiredOption('--out <file>', 'write the key to this new file, mode 0600')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit codes: 0 made; 2 bad arguments, or it could not be made.\n\nExample:\n  $ vantio policy keygen --out policy.key',
    )
    .action(({ out, json }: Options) => {
      const key = createPrivateKey(writeNewSecret(out, makeSigningKey));
      const trust = rawPublicKey(key);
      process.stdout.write(
        json
          ? `${JSON.stringify({ trust, signer_id: signerIdOf(key), file: out })}\n`
          : `${trust}\n`,
      );
    });
