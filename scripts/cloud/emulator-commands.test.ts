import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { EMULATORS, type Emulator, EmulatorError } from './emulator-commands.ts';
import { environmentOf } from './emulator-environment.ts';

const machine = mkdtempSync(join(tmpdir(), 'vantio-emulators-'));
const path = process.env.PATH;
after(() => {
  process.env.PATH = path;
  rmSync(machine, { recursive: true });
});

/** @param programs such as `docker`, each of which succeeds whatever it is asked. */
function machineWith(name: string, ...programs: readonly string[]): string {
  const folder = join(machine, name);
  for (const program of programs) {
    const file = join(folder, program);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
  }
  process.env.PATH = join(folder, 'bin');
  return folder;
}

const commandOf = (name: Emulator['name']): readonly string[] => {
  const emulator = EMULATORS.find((each) => each.name === name);
  assert.ok(emulator);
  return emulator.command(4000);
};

test('an installed Google Cloud CLI and Redis come first', () => {
  const cli = machineWith(
    'cli',
    'sdk/bin/gcloud',
    'sdk/bin/cloud_spanner_emulator/gateway_main',
    'sdk/platform/pubsub-emulator/lib/pubsub-1-all.jar',
    'bin/java',
    'bin/redis-server',
    'bin/docker',
  );
  symlinkSync(join(cli, 'sdk/bin/gcloud'), join(cli, 'bin/gcloud'));
  const [gateway, ...flags] = commandOf('spanner');
  assert.match(gateway ?? '', /sdk\/bin\/cloud_spanner_emulator\/gateway_main$/);
  assert.deepEqual(flags.slice(-4), ['--grpc_port', '4000', '--http_port', '4001']);
  assert.equal(commandOf('pubsub')[0], join(cli, 'bin/java'));
  assert.equal(commandOf('redis')[0], join(cli, 'bin/redis-server'));
});

test('without them containers do, on loopback and on the ports that clients are told', () => {
  machineWith('containers', 'bin/podman');
  for (const { name } of EMULATORS) assert.equal(commandOf(name)[0], 'podman');
  const published = (name: Emulator['name']): readonly (string | undefined)[] => {
    const command = commandOf(name);
    return command.flatMap((word, at) => (word === '-p' ? [command[at + 1]] : []));
  };
  assert.deepEqual(published('spanner'), ['127.0.0.1:4000:9010', '127.0.0.1:4001:9020']);
  assert.deepEqual(published('pubsub'), ['127.0.0.1:4000:8085']);
  assert.deepEqual(published('redis'), ['127.0.0.1:4000:6379']);
  const { SPANNER_EMULATOR_HOST, SPANNER_EMULATOR_REST } = environmentOf(() => 4000);
  assert.deepEqual(
    [SPANNER_EMULATOR_HOST, SPANNER_EMULATOR_REST],
    ['127.0.0.1:4000', 'http://127.0.0.1:4001'],
  );
});

test('without either it says what to install', () => {
  machineWith('bare', 'elsewhere/docker');
  for (const [name, hint] of [
    ['spanner', /cloud-spanner-emulator.*or install Docker or Podman/],
    ['pubsub', /Java.*pubsub-emulator.*or install Docker or Podman/],
    ['redis', /apt-get install redis-server.*or install Docker or Podman/],
  ] as const)
    assert.throws(
      () => commandOf(name),
      (error) => error instanceof EmulatorError && hint.test(error.message),
    );
});
