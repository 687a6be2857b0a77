import { existsSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ExportedLine } from '@vantio/functions/cloud';
import { CliError, systemCode } from '../cli-error.ts';

export type Written = { readonly records: number; readonly disclosures: number };

/** Characters gathered before they go to a file. */
const BUFFERED = 1 << 20;

/**
 * Writes an export to `out` and, if there are any, its disclosures to the file beside it. Both are synced before this
 * returns; of an export that fails, neither stays.
 * @throws {CliError} when a file is there already or cannot be written; what `lines` throws.
 */
export async function writeExport(
  lines: AsyncIterable<ExportedLine>,
  out: string,
  withDisclosures: boolean,
): Promise<Written> {
  if (!out.endsWith('.ndjson') || out.endsWith('.disclosures.ndjson'))
    throw new CliError(
      `--out wants a file name that ends in .ndjson; ${out} does not name a ledger file.`,
    );
  const beside = `${out.slice(0, -'.ndjson'.length)}.disclosures.ndjson`;
  if (existsSync(beside)) throw standing(beside);
  const ledger = await create(out);
  const made = [out];
  let disclosed: Awaited<ReturnType<typeof create>> | undefined;
  let records = 0;
  let disclosures = 0;
  try {
    for await (const { line, disclosures: values } of lines) {
      records++;
      await ledger.write(line);
      if (!withDisclosures || values.length === 0) continue;
      disclosures += values.length;
      if (disclosed === undefined) {
        disclosed = await create(beside);
        made.push(beside);
      }
      await disclosed.write(values.join(''));
    }
    await disclosed?.close();
    await ledger.close();
  } catch (error) {
    await Promise.allSettled([disclosed?.abandon(), ledger.abandon()]);
    for (const path of made) rmSync(path, { force: true });
    throw error instanceof Error && 'syscall' in error
      ? new CliError(`${out} cannot be written (${systemCode(error)}); nothing of it was kept.`)
      : error;
  }
  return { records, disclosures };
}

async function create(path: string) {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o600);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw standing(path);
    throw new CliError(
      `${path} cannot be written (${systemCode(error)}); check the path and its rights.`,
    );
  }
  let held = '';
  const flush = async (): Promise<void> => {
    await file.writeFile(held);
    held = '';
  };
  return {
    write: async (text: string): Promise<void> => {
      held += text;
      if (held.length >= BUFFERED) await flush();
    },
    close: async (): Promise<void> => {
      await flush();
      await file.sync();
      await file.close();
    },
    abandon: (): Promise<void> => file.close(),
  };
}

const standing = (path: string): CliError =>
  new CliError(`${path} exists; an export never writes over a file.`);
