import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { makeBundles } from './bundles.ts';
import { type Registered, startEngine } from './stand-in-engine.ts';

export type Run = {
  readonly status: number | null;
  readonly registered: readonly Registered[];
  readonly logs: readonly string[];
  readonly stderr: string;
};

const INFRA = fileURLToPath(new URL('../..', import.meta.url));
/** What Pulumi's CLI starts for a Node.js program; it ships with the package. */
const RUNNER = createRequire(import.meta.url).resolve('@pulumi/pulumi/cmd/run/index.js');

/** Runs `infra/index.ts` in a process of its own, as the CLI would, with the stand-in for its engine. */
export async function pulumiRun(
  config: Readonly<Record<string, string>>,
  dryRun: boolean,
): Promise<Run> {
  const engine = await startEngine();
  try {
    const to = [`--monitor=${engine.address}`, `--engine=${engine.address}`];
    const what = ['--project=vantio', '--stack=test', `--dry-run=${dryRun}`, `--pwd=${INFRA}`];
    const child = spawn(process.execPath, [RUNNER, ...to, ...what, '--parallel=64', '.'], {
      env: {
        PATH: process.env.PATH,
        PULUMI_NODEJS_TYPESCRIPT: 'false',
        PULUMI_CONFIG: JSON.stringify({ 'vantio:bundles': makeBundles(), ...config }),
      },
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, registered: engine.registered, logs: engine.logs, stderr };
  } finally {
    engine.close();
  }
}
