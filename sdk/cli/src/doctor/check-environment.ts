import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../cli-error.ts';
import { traceRoot } from '../run/trace-root.ts';
import { type Check, check } from './check.ts';

/** Variables in reach, by name alone; some of them hold secrets. */
export function* checkEnvironment(
  environment: NodeJS.ProcessEnv,
  ingestUrl: string | undefined,
): Iterable<Check> {
  const names = Object.keys(environment)
    .filter((name) => name.startsWith('VANTIO_') || name === 'SOVEREIGN_MODE')
    .sort();
  yield names.length > 0
    ? check('environment', 'ok', `sets ${names.join(', ')}`)
    : check('environment', 'absent', 'sets no VANTIO_ variable', 'vantio run sets what is needed');
  const { SOVEREIGN_MODE: mode, VANTIO_TRACE_ID: traceId } = environment;
  if (mode !== undefined && mode !== 'local' && mode !== 'cloud')
    yield check('SOVEREIGN_MODE', 'wrong', 'is neither local nor cloud', 'unset it for local');
  if (traceId !== undefined && traceRoot({ VANTIO_TRACE_ID: traceId }).origin === 'minted')
    yield check(
      'VANTIO_TRACE_ID',
      'wrong',
      'is not a trace id and will be ignored',
      'use 32 lower-case hex digits, not all zeros',
    );
  if (!ingestUrl && !environment.VANTIO_OUTPUT_FILE)
    yield check(
      'destination',
      'absent',
      'neither VANTIO_INGEST_URL nor VANTIO_OUTPUT_FILE is set',
      'vantio serve, then VANTIO_INGEST_URL=http://127.0.0.1:8787; or VANTIO_OUTPUT_FILE=ledger.ndjson',
    );
}

/** Whether records can be written where the environment says, and what rights there are to protect them. */
export function* checkStorage(environment: NodeJS.ProcessEnv): Iterable<Check> {
  const { VANTIO_OUTPUT_FILE: output, VANTIO_SPOOL_DIR: spool } = environment;
  if (output) yield writable('ledger', existsSync(output) ? output : dirname(output));
  if (output) yield writable('ledger directory', dirname(output));
  if (spool) yield writable('spool directory', spool);
  yield mayAppendOnly()
    ? check('rights', 'ok', 'may set the append-only attribute on rotated ledger files')
    : check(
        'rights',
        'absent',
        'may not set the append-only attribute (chattr +a); rotated files are 0400 alone',
        'give CAP_LINUX_IMMUTABLE to the control plane, if you want it',
      );
}

function writable(name: string, path: string): Check {
  try {
    accessSync(path, constants.W_OK);
    return check(name, 'ok', statSync(path).isDirectory() ? 'can be written in' : 'can be written');
  } catch (error) {
    return check(
      name,
      'wrong',
      `cannot be written (${systemCode(error)})`,
      'make it, or give this user the right',
    );
  }
}

const CAP_LINUX_IMMUTABLE = 9n;

/** capabilities(7): the effective set of this process, as proc_pid_status(5) has it. */
function mayAppendOnly(): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(
      readFileSync('/proc/self/status', 'utf8'),
    )?.[1];
    return (
      effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_LINUX_IMMUTABLE) & 1n) === 1n
    );
  } catch {
    return false;
  }
}
