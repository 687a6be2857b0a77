import { spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { run } from '../../e2e/run.ts';
import type { Row } from '../spanner-rest.ts';

export type Literals = { readonly connection: string; readonly statement: string };
/** Columns as pairs of name and type. */
export type Source = {
  readonly columns: readonly (readonly [string, string])[];
  readonly rows: readonly Row[];
};

const HERE = 'scripts/cloud/queries';
const VENV = '.vantio/cache/googlesql';
const PYTHON = `${VENV}/bin/python`;
const INSTALLED = `${VENV}/installed`;

/** Installs the locked packages once for this checkout; says why where it cannot. */
export async function missingGoogleSql(): Promise<string | undefined> {
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
  if (status !== 0) return `pip could not install zetasql: ${stderr.trim().split('\n').at(-1)}`;
  writeFileSync(INSTALLED, '');
  return undefined;
}

/** Google's parser and reference engine for GoogleSQL, in a process of its own; it takes half a minute to answer first. */
export function startGoogleSql() {
  const child = spawn(PYTHON, [`${HERE}/googlesql.py`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  /** Asked one after the other. */
  const ask = async <Answer>(request: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('googlesql.py ended');
    const answer = JSON.parse(value) as Answer & { error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };

  return {
    /** What a statement hands to EXTERNAL_QUERY. */
    literals: (sql: string): Promise<Literals> => ask({ sql }),
    /** The statement over these rows instead of what it reads; no rows come back from one that is no query. */
    run: async (sql: string, source: Source): Promise<readonly Row[] | null> =>
      (await ask<{ rows: readonly Row[] | null }>({ sql, ...source })).rows,
    stop: (): void => void child.stdin.end(),
  };
}

export type GoogleSql = ReturnType<typeof startGoogleSql>;
