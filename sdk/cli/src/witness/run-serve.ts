import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CliError, systemCode } from '../cli-error.ts';
import { createScreen } from '../terminal/screen.ts';
import { ALARM_EXITS } from './alarm.ts';
import { openAlarmFile } from './alarm-file.ts';
import { createWitnessServer } from './serve-witness.ts';
import { openState } from './state.ts';
import { untilTold } from './until-told.ts';
import { readLogKeys } from './verifier-keys.ts';
import { createWitness } from './witness.ts';
import { readWitnessKey } from './witness-key.ts';

export type ServeCommandOptions = {
  readonly listen: string;
  readonly vkey: string;
  readonly witnessKey: string;
  readonly state: string;
  readonly alarm?: string;
  readonly json?: true;
};

/** What `vantio witness serve` does. @throws {CliError} */
export async function runServe(options: ServeCommandOptions): Promise<void> {
  const { host, port } = addressOf(options.listen);
  const keys = readLogKeys(options.vkey);
  const cosigner = readWitnessKey(options.witnessKey);
  const alarms = openAlarmFile(options.alarm ?? join(options.state, 'alarm.json'));
  const isBarred = (origin: string): boolean => alarms.standing(origin) !== undefined;
  const now = (): number => Math.floor(Date.now() / 1000);
  const { safe } = createScreen(process.stdout);
  const print = (document: Readonly<Record<string, unknown>>, text: string): void => {
    process.stdout.write(options.json ? `${JSON.stringify(document)}\n` : `${text}\n`);
  };
  const signal = untilTold();
  const state = openState(options.state);
  let exitCode = 0;
  try {
    for (const { name } of keys) isBarred(name);
    const server = createWitnessServer({
      witness: createWitness({ logs: keys, state, cosigner, isBarred, now }),
      keys,
      now,
      onCosigned: (origin, size) =>
        print({ event: 'cosigned', origin, size }, `cosigned ${safe(origin)} size ${size}`),
      onAlarm: (alarm) => {
        const { kind, origin, says } = alarm;
        exitCode = ALARM_EXITS[kind];
        process.stderr.write(`vantio: ALARM ${kind}: ${says}, ${safe(origin)}.\n`);
        alarms.raise(alarm);
        if (options.json) print({ event: 'alarm', kind, origin, says, file: alarms.file }, '');
      },
      onFault: (says) => void process.stderr.write(`vantio: ${says}\n`),
    });
    const url = await listening(server, host, port);
    print({ event: 'listening', url }, `listens at ${url}`);
    if (!signal.aborted) await once(signal, 'abort');
    server.close();
    server.closeAllConnections();
  } finally {
    state.close();
  }
  process.exitCode = exitCode;
}

function addressOf(listen: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(\[[0-9a-fA-F:.]+\]|[^:]+):([0-9]{1,5})$/.exec(listen) ?? [];
  if (host === '' || Number(port) > 65_535)
    throw new CliError('--listen wants HOST:PORT, such as 127.0.0.1:8790.');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

async function listening(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new CliError(
      `--listen: that address cannot be listened on (${systemCode(error)}); choose another.`,
    );
  }
  const at = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${at.port}`;
}
