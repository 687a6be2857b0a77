import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { run } from '../../e2e/run.ts';

export type ReadBack = Readonly<
  Record<
    string,
    {
      readonly columns: readonly (readonly [string, 'STRING' | 'INT64' | 'TIMESTAMP'])[];
      readonly rows: readonly (readonly (string | number)[])[];
    }
  >
>;

const HERE = 'scripts/cloud/import';
const VENV = '.vantio/cache/readers';
const PYTHON = `${VENV}/bin/python`;
const INSTALLED = `${VENV}/installed`;

/** Installs the locked packages once for this checkout; says why where it cannot. */
export async function missingReaders(): Promise<string | undefined> {
  if (existsSync(INSTALLED)) return undefined;
  rmSync(VENV, { recursive: true, force: true });
  try {
    const made = await run('python3', ['-m', 'venv', VENV]);
    if (made.status !== 0) return 'python3 has no venv module here';
  } catch {
    return 'no python3 on this machine';
  }
  const flags = ['--quiet', '--disable-pip-version-check', '--require-hashes'];
  const args = ['-m', 'pip', 'install', ...flags, '-r', `${HERE}/requirements.txt`];
  const { status, stderr } = await run(PYTHON, args);
  if (status !== 0) return `pip could not install fastavro: ${stderr.trim().split('\n').at(-1)}`;
  writeFileSync(INSTALLED, '');
  return undefined;
}

/** Reads converted files back by fastavro, or by Python's csv and DuckDB, which must agree. */
export async function readBack(format: 'csv' | 'avro', directory: string): Promise<ReadBack> {
  const { status, stdout, stderr } = await run(PYTHON, [`${HERE}/readers.py`, format, directory]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as ReadBack;
}
