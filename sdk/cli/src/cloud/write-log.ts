import { existsSync, rmSync } from 'node:fs';
import type { ExportedLine } from '@vantio/functions/cloud';
import { CliError } from '../cli-error.ts';
import { standing, unwritable } from '../convert/new-file.ts';
import type { loadCloud, openCloudDatabase } from './open-cloud.ts';

/** A log that is written beside the ledger file of its lines. */
export type ExportedLog = {
  readonly directory: string;
  /** Passes the lines on, each once its entry was taken. */
  readonly beside: (lines: AsyncIterable<ExportedLine>) => AsyncGenerator<ExportedLine>;
  /** @returns leaves that were written. */
  readonly finish: () => Promise<number>;
};

/** @throws {CliError} when there is no log, or something has its name. */
export async function openLog(
  { readSignedLog, createLogWriter }: Awaited<ReturnType<typeof loadCloud>>,
  database: Awaited<ReturnType<typeof openCloudDatabase>>,
  tenantId: string,
  out: string,
): Promise<ExportedLog> {
  const directory = out.replace(/\.ndjson$/, '.log');
  if (existsSync(directory)) throw standing(directory);
  const signed = await readSignedLog(database, tenantId);
  if (signed === undefined)
    throw new CliError(
      `the log of ${tenantId} has no checkpoint yet; leave --log out, or wait for the sealer.`,
    );
  const writer = await createLogWriter(signed, directory);
  const kept = async <T>(write: () => Promise<T>): Promise<T> => {
    try {
      return await write();
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw unwritable(directory, error);
    }
  };
  return {
    directory,
    beside: async function* (lines) {
      let isWhole = false;
      try {
        for await (const line of lines) {
          await kept(() => writer.add(Buffer.from(line.entry)));
          yield line;
        }
        isWhole = true;
      } finally {
        if (!isWhole) rmSync(directory, { recursive: true, force: true });
      }
    },
    finish: () => kept(writer.finish),
  };
}
