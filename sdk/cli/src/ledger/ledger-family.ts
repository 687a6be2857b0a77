import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CliError, systemCode } from '../cli-error.ts';

/** One ledger file and what is known of it from its name. */
export type LedgerFile = {
  readonly path: string;
  /** Names the writer that wrote this file and others in turn: their path but for numbers. */
  readonly writer: string;
  /** Number of a rotated file. */
  readonly segment?: number;
  /** Where the disclosures of its records stand, when there are any. */
  readonly disclosures?: string;
};

/** Numbers from 1, in six digits or, beyond them, without leading zeros: other names are no rotated files. */
export const SEGMENT: RegExp = /^(.+)\.((?!000000)[0-9]{6}|[1-9][0-9]{6,14})\.ndjson$/;
const WRITER = /^w-[0-9a-f]{16}$/;

/**
 * The files of a ledger, by the name of its active one: its rotated files, oldest first; itself; then those of other
 * writers, each in the same order. A rotated file that is named itself stands alone.
 * @throws {CliError} when there is no such ledger or its directory cannot be read.
 */
export function ledgerFamily(file: string): readonly LedgerFile[] {
  const name = basename(file);
  if (name.endsWith('.disclosures.ndjson'))
    throw new CliError(
      `${file} holds disclosures, not records; name the ledger beside it, ${name.replace('.disclosures.ndjson', '.ndjson')}.`,
    );
  requireFileOrNothing(file);
  if (!name.endsWith('.ndjson') || SEGMENT.test(name)) return [lonelyFile(requireThere(file))];
  const directory = dirname(file);
  const stem = name.slice(0, -'.ndjson'.length);
  const members = listDirectory(directory, file)
    .map((entry) => memberOf(stem, entry))
    .filter((member) => member !== undefined)
    .sort(inOrder);
  if (members.length === 0) requireThere(file);
  return members.map(({ entry, segment, writer }) => ({
    ...ledgerFile(join(directory, entry)),
    writer: join(directory, writer === '' ? stem : `${stem}.${writer}`),
    ...(segment === undefined ? {} : { segment }),
  }));
}

type Member = {
  readonly entry: string;
  /** Empty for the family's first writer. */
  readonly writer: string;
  readonly segment: number | undefined;
};

function memberOf(stem: string, entry: string): Member | undefined {
  const rotated = SEGMENT.exec(entry);
  const body = rotated?.[1] ?? (entry.endsWith('.ndjson') ? entry.slice(0, -7) : undefined);
  const segment = rotated ? Number(rotated[2]) : undefined;
  if (body === stem) return { entry, writer: '', segment };
  const writer = body?.startsWith(`${stem}.`) ? body.slice(stem.length + 1) : '';
  return WRITER.test(writer) ? { entry, writer, segment } : undefined;
}

function inOrder(a: Member, b: Member): number {
  if (a.writer !== b.writer) return a.writer < b.writer ? -1 : 1;
  return (a.segment ?? Number.POSITIVE_INFINITY) < (b.segment ?? Number.POSITIVE_INFINITY) ? -1 : 1;
}

function lonelyFile(path: string): LedgerFile {
  const rotated = SEGMENT.exec(basename(path));
  return {
    ...ledgerFile(path),
    writer: path,
    ...(rotated === null ? {} : { segment: Number(rotated[2]) }),
  };
}

function ledgerFile(path: string): Pick<LedgerFile, 'path' | 'disclosures'> {
  const disclosures = `${path.replace(/\.ndjson$/, '')}.disclosures.ndjson`;
  return existsSync(disclosures) ? { path, disclosures } : { path };
}

function listDirectory(directory: string, file: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new CliError(
      `${file} cannot be read (${systemCode(error)}); check the path and its rights.`,
    );
  }
}

function requireFileOrNothing(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new CliError(
      `${file} is a directory; name the ledger file in it, such as ledger.ndjson.`,
    );
}

function requireThere(file: string): string {
  if (!existsSync(file)) throw new CliError(`${file} does not exist; check the path.`);
  return file;
}
