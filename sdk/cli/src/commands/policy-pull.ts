import { readApiKey } from '@vantio/schema/api-key';
import { judgePolicy, policyPhase } from '@vantio/schema/policy/judge-policy';
import { MAX_POLICY_BYTES } from '@vantio/schema/policy/parse-policy';
import { PolicyError } from '@vantio/schema/policy/policy-error';
import { readTrust } from '@vantio/schema/policy/signed-policy';
import { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';

type Options = {
  readonly ingestUrl: string;
  readonly keyFile: string;
  readonly trust?: string;
  readonly envelope?: true;
  readonly json?: true;
};

const TIMEOUT_MILLIS = 10_000;
/** Of an answer: a policy within JSON text, where a quotation mark takes two bytes, and what stands beside it. */
const MAX_ANSWER_BYTES = 2 * MAX_POLICY_BYTES + 65_536;

export const policyPullCommand = (): Command =>
  new Command('pull')
    .summary('print the policy that a control plane serves, and judge it as an emitter would')
    .description(
      'Asks a control plane for the policy of an API key, judges it as an emitter would (form, tenant, signature under --trust or\n' +
        'VANTIO_TRUST), and prints it. Without a pinned key it is transport only: whoever serves it wrote it.',
    )
    .requiredOption('--ingest-url <url>', 'control plane, such as http://127.0.0.1:8787')
    .requiredOption('--key-file <file>', 'an API key of the tenant')
    .option('--trust <keys>', 'public keys that may sign it (VANTIO_TRUST)')
    .option('--envelope', 'print it with its signature, as it was served')
    .option('--json', 'print one JSON document: what was found, and the policy')
    .addHelpText(
      'after',
      `
What was found goes to standard error, the policy to standard output.

Exit codes: 0 an emitter would take it, or there is none; 1 an emitter would refuse it; 2 bad arguments, or no answer.

Example:
  $ vantio policy pull --ingest-url http://127.0.0.1:8787 --key-file agent.key > policy.json`,
    )
    .action(pull);

async function pull(options: Options): Promise<void> {
  const [apiKey = ''] = readKeyFiles([options.keyFile]);
  const trust = trustOf(options.trust ?? process.env.VANTIO_TRUST ?? '');
  const text = await ask(options.ingestUrl, apiKey);
  if (text === undefined) {
    if (options.json) process.stdout.write('{"policy":null}\n');
    process.stderr.write('vantio: there is no policy for this tenant: emitters observe.\n');
    return;
  }
  const judged = judgePolicy(text, { trust, tenantId: readApiKey(apiKey).tenantId });
  if (judged.verdict === 'rejected')
    throw new CliError(`an emitter would refuse this policy: ${judged.error.message}.`, EXIT.wrong);
  const { envelope } = judged;
  const found = {
    version: envelope.policy.version,
    mode: envelope.policy.mode,
    trust: judged.trust,
    phase: policyPhase(envelope.policy, Date.now(), Date.now()),
    policy_sha256: envelope.sha256,
  };
  const written: unknown = JSON.parse(envelope.canonical);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...found, policy: written })}\n`);
  else {
    process.stderr.write(
      `vantio: version ${found.version}, ${found.mode}, ${found.trust.replace('_', ' ')}, ${found.phase}.\n`,
    );
    process.stdout.write(options.envelope ? `${text}\n` : `${JSON.stringify(written, null, 2)}\n`);
  }
}

function trustOf(text: string) {
  try {
    return readTrust(text);
  } catch (error) {
    throw error instanceof PolicyError ? new CliError(`${error.message}.`) : error;
  }
}

/** @returns the envelope; undefined: there is none. */
async function ask(url: string, apiKey: string): Promise<string | undefined> {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new CliError('--ingest-url wants an address such as http://127.0.0.1:8787.');
  let status: number;
  let body: string;
  try {
    const response = await fetch(new URL('api/v1/config', url.endsWith('/') ? url : `${url}/`), {
      headers: { authorization: `Bearer ${apiKey}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    status = response.status;
    body = await boundedText(response);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { cause, name } = error as Error;
    const why = (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
    throw new CliError(`the control plane does not answer (${why}); check --ingest-url.`);
  }
  if (status !== 200) throw new CliError(`the control plane answers ${status}; check the key.`);
  try {
    const { policy } = JSON.parse(body) as { readonly policy?: unknown };
    if (policy === undefined || typeof policy === 'string') return policy;
  } catch {
    // Said below.
  }
  throw new CliError('the answer is not that of a Vantio control plane; check --ingest-url.');
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES)
      throw new CliError('the answer is larger than any policy; check --ingest-url.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
