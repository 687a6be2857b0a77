import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export type DemoOptions = {
  /** Stop when every step has run, instead of staying up until Ctrl-C. */
  readonly once: boolean;
  /** Go through the functions of the cloud, with emulators around them, instead of `vantio serve`. */
  readonly cloud: boolean;
  /** Leave out what the kernel's agent sees, though this machine lets it look. */
  readonly noKernel: boolean;
  /** Where the run's keys and ledger go. */
  readonly dir: string;
};

export const USAGE = `usage: scripts/start [--once] [--cloud] [--no-kernel] [--dir FOLDER]

Runs a sample agent against stand-in models on loopback, records what it does, and verifies the
record. Needs no key and no network but the package registries.

  --once         stop when every step has run; exit 0 only if every step held
  --cloud        send the records through the cloud's functions, Pub/Sub and Spanner, emulated on
                 this machine, and verify what is exported from there
  --no-kernel    as root, too, leave out what the kernel's agent sees
  --dir FOLDER   put keys and ledger there (default: .vantio/demo-<time>)`;

function stamp(now: Date): string {
  return now.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** @throws {Error} on an unknown argument, in the words of node:util. */
export function readOptions(args: readonly string[], now: Date): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      cloud: { type: 'boolean', default: false },
      'no-kernel': { type: 'boolean', default: false },
      dir: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const dir = values.dir ?? `.vantio/demo-${stamp(now)}`;
  // Called from the repository's root, names stay short; from elsewhere they must be whole to be right.
  const caller = process.env.VANTIO_CALLED_FROM ?? process.cwd();
  const { once, cloud, 'no-kernel': noKernel } = values;
  if (caller === process.cwd()) return { once, cloud, noKernel, dir };
  return {
    once,
    cloud,
    noKernel,
    dir: resolve(values.dir === undefined ? process.cwd() : caller, dir),
  };
}
