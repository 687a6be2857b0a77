import { readEnvelope, wrapPolicy } from '@vantio/schema/policy/signed-policy';
import { checkCustomPatterns } from '@vantio/schema/redact/check-custom-patterns';
import { Command } from 'commander';
import {
  inFile,
  readPolicyText,
  requireTenant,
  writtenPolicy,
} from '../policy/read-policy-file.ts';
import { readSigningKey } from '../policy/signing-key.ts';

type Options = { readonly key: string; readonly tenant: string; readonly json?: true };

export const policySignCommand = (): Command =>
  new Command('sign')
    .summary('sign a policy for a tenant')
    .description(
      'Prints the signed policy: one line, that can be pushed, served from a file, or kept. A signed policy is signed anew.',
    )
    .argument('<file>', 'policy')
    .requiredOption('--key <file>', 'key from policy keygen')
    .requiredOption('--tenant <name>', 'tenant that it is for')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit codes: 0 signed; 2 bad arguments, or a file that cannot be used.\n\nExample:\n  $ vantio policy sign policy.json --key policy.key --tenant acme > policy.signed.json',
    )
    .action(sign);

function sign(file: string, { key, tenant, json }: Options): void {
  const signer = readSigningKey(key);
  try {
    const text = wrapPolicy(writtenPolicy(readPolicyText(file)), requireTenant(tenant), signer);
    const { policy, sha256, signed } = readEnvelope(text);
    checkCustomPatterns(policy);
    process.stdout.write(
      json
        ? `${JSON.stringify({ version: policy.version, policy_sha256: sha256, signer_id: signed?.signerId, envelope: text })}\n`
        : `${text}\n`,
    );
  } catch (error) {
    throw inFile(file, error);
  }
}
