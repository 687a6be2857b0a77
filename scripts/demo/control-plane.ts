import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Processes } from './processes.ts';

export type ControlPlane = { readonly url: string; readonly process: ChildProcess };

/** The first line of `vantio serve --json` is a document that names the address it listens on. */
function readUrl(line: string): string {
  const { url } = JSON.parse(line) as { readonly url?: unknown };
  if (typeof url !== 'string')
    throw new Error('vantio serve --json named no url in its first line');
  return url;
}

export function serveCommand(stateDir: string, ledger: string): string[] {
  return ['serve', '--port', '0', '--state-dir', stateDir, '--output-file', ledger, '--json'];
}

/** Starts `vantio serve` on a free port of loopback and waits until it listens. */
export async function startControlPlane(
  processes: Processes,
  stateDir: string,
  ledger: string,
): Promise<ControlPlane> {
  const child = processes.start(serveCommand(stateDir, ledger), 'pipe', { detached: true });
  if (child.stdout === null) throw new Error('vantio serve has no standard output');
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    lines.once('line', (line) => {
      try {
        resolve(readUrl(line));
      } catch (error) {
        reject(error);
      }
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`vantio serve ended with ${code} at start`)));
  });
  // Requests are printed by nobody, but a full pipe would stop the server.
  lines.on('line', () => {});
  return { url, process: child };
}
