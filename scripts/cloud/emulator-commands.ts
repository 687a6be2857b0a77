import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How to run one emulator; `port` is free, and so is the one after it. */
export type Emulator = {
  readonly name: 'spanner' | 'pubsub' | 'redis';
  readonly command: (port: number) => readonly [string, ...string[]];
};

/** Says what is missing on this machine, or what was typed wrongly. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';
}

export const EMULATORS: readonly Emulator[] = [
  {
    name: 'spanner',
    command: (port) => {
      const gateway = inCloudCli('bin/cloud_spanner_emulator/gateway_main');
      const ports = ['--grpc_port', String(port), '--http_port', String(port + 1)];
      return gateway
        ? [gateway, '--hostname', '127.0.0.1', ...ports]
        : container('gcr.io/cloud-spanner-emulator/emulator', port, [9010, 9020], [], SPANNER_HINT);
    },
  },
  {
    name: 'pubsub',
    command: (port) => {
      const folder = inCloudCli('platform/pubsub-emulator/lib');
      const jar = folder && readdirSync(folder).find((file) => file.endsWith('-all.jar'));
      const java = onPath('java');
      const where = ['--host=127.0.0.1', `--port=${port}`];
      return folder && jar && java
        ? [java, '-jar', join(folder, jar), ...where]
        : container(
            'gcr.io/google.com/cloudsdktool/google-cloud-cli:emulators',
            port,
            [8085],
            ['gcloud', 'beta', 'emulators', 'pubsub', 'start', '--host-port=0.0.0.0:8085'],
            PUBSUB_HINT,
          );
    },
  },
  {
    name: 'redis',
    command: (port) => {
      const server = onPath('redis-server') ?? onPath('valkey-server');
      const options = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      return server
        ? [server, '--port', String(port), ...options]
        : container('docker.io/valkey/valkey:8', port, [6379], [], REDIS_HINT);
    },
  },
];

const SPANNER_HINT =
  'install the Google Cloud CLI with its component cloud-spanner-emulator (apt: google-cloud-cli-spanner-emulator)';
const PUBSUB_HINT =
  'install Java and the Google Cloud CLI with its component pubsub-emulator (apt: google-cloud-cli-pubsub-emulator)';
const REDIS_HINT = 'install redis-server or valkey-server (apt-get install redis-server)';

function container(
  image: string,
  port: number,
  inside: readonly number[],
  command: readonly string[],
  hint: string,
): readonly [string, ...string[]] {
  const engine = ['docker', 'podman'].find(isUsableEngine);
  if (!engine) throw new EmulatorError(`${hint}, or install Docker or Podman, then run this again`);
  const ports = inside.flatMap((own, next) => ['-p', `127.0.0.1:${port + next}:${own}`]);
  return [engine, 'run', '--rm', ...ports, image, ...command];
}

function isUsableEngine(engine: string): boolean {
  if (!onPath(engine)) return false;
  try {
    execFileSync(engine, ['info'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** A file of the Google Cloud CLI, wherever that is installed. */
function inCloudCli(path: string): string | undefined {
  const gcloud = onPath('gcloud');
  if (!gcloud) return undefined;
  const found = join(realpathSync(gcloud), '../..', path);
  return isThere(found) ? found : undefined;
}

const onPath = (name: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isThere);

function isThere(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
