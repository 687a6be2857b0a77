import { existsSync, rmSync } from 'node:fs';
import type { ExportedLine } from '@vantio/functions/cloud';
import { CliError } from '../cli-error.ts';
import { createFile, type NewFile, standing, unwritable } from '../convert/new-file.ts';

export type Written = { readonly records: number; readonly disclosures: number };

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
  const ledger = await createFile(out);
  const made = [out];
  let disclosed: NewFile | undefined;
  let records = 0;
  let disclosures = 0;
  try {
    for await (const { line, disclosures: values } of lines) {
      records++;
      await ledger.write(line);
      if (!withDisclosures || values.length === 0) continue;
      disclosures += values.length;
      if (disclosed === undefined) {
        disclosed = await createFile(beside);
        made.push(beside);
      }
      await disclosed.write(values.join(''));
    }
    await disclosed?.close();
    await ledger.close();
  } catch (error) {
    await Promise.allSettled([disclosed?.abandon(), ledger.abandon()]);
    for (const path of made) rmSync(path, { force: true });
    throw unwritable(out, error);
  }
  return { records, disclosures };
}
