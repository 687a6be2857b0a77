// What an agent with a shell does: one step that asks over HTTP, and has bash start curl to ask the same.
import { spawn } from 'node:child_process';
import { childEnv, shield } from '@vantio/agent-sdk';

const provider = process.env.DEMO_PROVIDER_URL;
if (provider === undefined) throw new Error('DEMO_PROVIDER_URL names no provider');
const url = `${provider}/v1/models`;

/** The shell stays: it has something to do after curl. */
const SCRIPT = 'curl --silent --fail "$0"; echo "curl ended with $?"';

const lookUp = shield('look-up', async (): Promise<void> => {
  await (await fetch(url)).text();
  const shell = spawn('/bin/bash', ['-c', SCRIPT, url], { stdio: 'ignore', env: childEnv() });
  await new Promise((resolve, reject) => shell.once('error', reject).once('close', resolve));
});

await lookUp();
