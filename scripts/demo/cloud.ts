import { createInterface } from 'node:readline';
import type { Processes } from './processes.ts';

export type Cloud = {
  readonly url: string;
  /** projects/P/instances/I/databases/D */
  readonly database: string;
  /** Verifier key of the tenant's log; absent where there is none. */
  readonly vkey?: string;
  /** Why there is none. */
  readonly noLog?: string;
};

/** Starts the cloud's functions on a free port of loopback; the environment says where the emulators are. */
export async function startCloud(processes: Processes, stateDir: string): Promise<Cloud> {
  const child = processes.startScript(['scripts/cloud/mirror.ts', stateDir]);
  if (child.stdout === null) throw new Error('the mirror of the cloud has no standard output');
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    // The functions' own log follows: a full pipe would stop them.
    lines.on('line', () => {});
    lines.once('line', (line) => {
      try {
        resolve(JSON.parse(line) as Cloud);
      } catch (error) {
        reject(error);
      }
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`the mirror of the cloud ended with ${code}`)));
  });
}
