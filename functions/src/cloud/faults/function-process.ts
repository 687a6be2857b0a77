import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type LogLine = Readonly<Record<string, string | number | boolean>>;

/** A deployed function in a process of its own, which can be killed. */
export type FunctionProcess = {
  readonly url: string;
  /** What it logged so far. */
  readonly logged: readonly LogLine[];
  /** What came on its standard error: nothing, if all that it says goes through its log. */
  readonly complaints: readonly string[];
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  readonly isAlive: () => boolean;
};

export type FunctionName = 'config' | 'ingest' | 'writer';
export type Environment = Readonly<Record<string, string>>;

const PROGRAM = fileURLToPath(new URL('serve-function.js', import.meta.url));

/** @param nodeOptions flags of the new process, before its program. */
export async function startFunction(
  name: FunctionName,
  environment: Environment,
  nodeOptions: readonly string[] = [],
): Promise<FunctionProcess> {
  const child = spawn(process.execPath, [...nodeOptions, PROGRAM, name], {
    env: { ...process.env, ...environment },
    // Its standard input ends with us, and so does it.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const logged: LogLine[] = [];
  const port = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    gone.then(() => reject(new Error(`${name} ended early: ${complaints.join('')}`)), reject);
  });
  lines.on('line', (line) => {
    if (line.startsWith('{')) logged.push(JSON.parse(line));
    else complaints.push(line);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    logged,
    complaints,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
