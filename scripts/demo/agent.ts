// The sample agent: an ordinary program with the real clients. Under `vantio run` its requests are
// seen without a line of this; the two shields give its steps spans of their own.
import { spawn } from 'node:child_process';
import Anthropic from '@anthropic-ai/sdk';
import { childEnv, getCurrentTraceId, shield } from '@vantio/agent-sdk';
import OpenAI from 'openai';

const provider = process.env.DEMO_PROVIDER_URL;
if (provider === undefined) throw new Error('DEMO_PROVIDER_URL names no provider');

const model = 'stand-in';
const openai = new OpenAI({ apiKey: 'none', baseURL: `${provider}/v1` });
const anthropic = new Anthropic({ apiKey: 'none', baseURL: provider });

function say(text: string): void {
  console.log(`agent: ${text}`);
}

/** Runs a program as an agent's shell tool would; false if the machine has none of that name. */
function tool(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'ignore', env: childEnv() });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
    child.once('close', (code) => {
      if (code === 0) resolve(true);
      else reject(new Error(`${program} ended with ${code}`));
    });
  });
}

const research = shield('research', async (question: string): Promise<string> => {
  const messages = [{ role: 'user' as const, content: question }];
  const chat = await openai.chat.completions.create({ model, messages });
  let words = 0;
  for await (const chunk of await openai.chat.completions.create({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    if (chunk.choices[0]?.delta.content) words += 1;
  }
  say(`openai answered ${chat.usage?.completion_tokens} tokens, then streamed ${words} words`);
  return (await openai.responses.create({ model, input: question })).output_text;
});

const review = shield('review', async (draft: string): Promise<void> => {
  const request = {
    model,
    max_tokens: 256,
    messages: [{ role: 'user' as const, content: draft }],
  };
  const message = await anthropic.messages.create(request);
  const streamed = await anthropic.messages.stream(request).finalMessage();
  say(
    `anthropic answered ${message.usage.output_tokens} tokens, then streamed ${streamed.usage.output_tokens}`,
  );
});

const useTools = shield('use-tools', async (): Promise<void> => {
  const url = `${provider}/v1/models`;
  const fetched = await tool('curl', ['--silent', '--fail', url]);
  say(fetched ? 'curl child asked for the models' : 'skipped: this machine has no curl');
  const script = `from urllib.request import urlopen; urlopen(${JSON.stringify(url)}).read()`;
  const asked = await tool('python3', ['-c', script]);
  say(asked ? 'python3 child asked for the models' : 'skipped: this machine has no python3');
});

const work = shield('agent', async (): Promise<void> => {
  say(`working under trace ${getCurrentTraceId()}`);
  await review(await research('What is the weather like on the far side of the moon?'));
  await useTools();
});

await work();
