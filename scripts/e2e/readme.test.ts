import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { type Provider, serveProvider } from '../demo/provider/serve-provider.ts';
import { readBlocks, readCommands } from './readme.ts';
import { run } from './run.ts';

const README = readFileSync('README.md', 'utf8');
const blocks = readBlocks(README);

/** The folder that the README tells its reader to use; nothing but its examples lives there. */
const FOLDER = '.vantio/first';

let provider: Provider;

before(async () => {
  provider = await serveProvider();
  rmSync(FOLDER, { recursive: true, force: true });
  for (const { file, text } of blocks) {
    if (file === undefined) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
});
after(async () => {
  await provider.close();
  rmSync(FOLDER, { recursive: true, force: true });
});

/** Waits for the demonstration to say that it stays up, and interrupts it and its children, as Ctrl-C does. */
async function interruptWhenUp(command: string): Promise<{ status: number; stdout: string }> {
  const child = spawn('bash', ['-c', `exec ${command}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let stdout = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
    if (!interrupted && stdout.includes('until Ctrl-C')) {
      interrupted = true;
      process.kill(-(child.pid ?? 0), 'SIGINT');
    }
  });
  const status = await new Promise<number>((resolve) => {
    child.once('close', (code) => resolve(code ?? -1));
  });
  return { status, stdout };
}

const commands = readCommands(blocks);

test('the README has commands, and code to save before they are typed', () => {
  assert.ok(commands.length >= 5);
  assert.ok(blocks.some(({ file }) => file?.startsWith(FOLDER)));
});

for (const command of commands) {
  test(`README: ${command}`, async (t) => {
    if (command === './scripts/test') {
      if (process.env.VANTIO_TEST_RUN !== '1') t.skip('run by scripts/test, which is the test');
      return;
    }
    if (command.startsWith('sudo ')) {
      t.skip('start-kernel.test.ts runs it, as whoever runs the tests');
      return;
    }
    if (command === './scripts/start') {
      const { status, stdout } = await interruptWhenUp(command);
      assert.equal(status, 0, stdout);
      const last = /\nrecords (\d+), verified \1, ledger (\S+), key \S+\n$/.exec(stdout);
      assert.ok(last, stdout);
      const lines = readFileSync(last[2] ?? '', 'utf8')
        .trimEnd()
        .split('\n');
      assert.match(lines.at(-1) ?? '', /"event_type":"session_end"/, 'the server ended cleanly');
      return;
    }
    const { status, stdout, stderr } = await run('bash', ['-c', command], {
      ...process.env,
      OPENAI_API_KEY: 'none',
      OPENAI_BASE_URL: `${provider.url}/v1`,
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
}

test('every file that the README links to is there', () => {
  const links = [...README.matchAll(/(?:\]\(|src=")([^)#"]+)/g)].map(([, link]) => link ?? '');
  const missing = links.filter((link) => !link.startsWith('https://') && !existsSync(link));
  assert.deepEqual(missing, []);
});
