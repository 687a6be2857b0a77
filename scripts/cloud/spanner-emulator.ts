import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { delimiter, dirname, join } from 'node:path';

export type SpannerEmulator = {
  /** For `SPANNER_EMULATOR_HOST`. */
  readonly grpc: string;
  /** Root of the REST interface. */
  readonly rest: string;
  readonly stop: () => Promise<void>;
};

/** The emulator's gateway of the installed Google Cloud CLI, or why there is none. */
export function findSpannerEmulator(): { readonly program: string } | { readonly missing: string } {
  const gcloud = onPath('gcloud');
  if (gcloud === undefined) return { missing: 'no Google Cloud CLI (gcloud) on PATH' };
  const program = join(dirname(realpathSync(gcloud)), 'cloud_spanner_emulator', 'gateway_main');
  return existsSync(program)
    ? { program }
    : { missing: 'no Spanner emulator: gcloud components install cloud-spanner-emulator' };
}

/**
 * Starts an emulator of its own, empty, on free loopback ports.
 * @throws {Error} with what it said, if it does not come up.
 */
export async function startSpannerEmulator(program: string): Promise<SpannerEmulator> {
  const [grpcPort, restPort] = await freePorts();
  const flags = ['--hostname', '127.0.0.1', '--grpc_port', grpcPort, '--http_port', restPort];
  // The gateway leaves its emulator_main behind when it is killed. This shell leads a process group of both, and ends the
  // whole group when the gateway ends, or when its own standard input does: that is when we die, however.
  const script = '("$@"; kill -KILL 0) & cat >/dev/null; kill -KILL 0';
  const group = spawn('sh', ['-c', script, 'sh', program, ...flags], {
    detached: true,
    stdio: 'pipe',
  });
  let said = '';
  for (const stream of [group.stdout, group.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-4096);
    });
  const closed = new Promise<void>((resolve) => group.once('close', () => resolve()));
  const rest = `http://127.0.0.1:${restPort}`;
  const stop = async (): Promise<void> => {
    group.stdin.end();
    await closed;
  };
  for (let attempt = 0; attempt < 300 && group.exitCode === null && !group.signalCode; attempt++) {
    if (await answers(rest)) return { grpc: `127.0.0.1:${grpcPort}`, rest, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`the Spanner emulator did not come up:\n${said}`);
}

async function answers(rest: string): Promise<boolean> {
  const answer = await fetch(`${rest}/v1/projects/test/instances`).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

/** Both held at once, so that they differ. */
async function freePorts(): Promise<readonly [string, string]> {
  const [one, other] = [createServer(), createServer()];
  const ports = await Promise.all([listen(one), listen(other)]);
  await Promise.all([one, other].map((server) => new Promise((done) => server.close(done))));
  return ports;
}

const listen = (server: Server): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(String((server.address() as AddressInfo).port)));
  });

function onPath(name: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
