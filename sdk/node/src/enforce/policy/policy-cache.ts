import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debug } from '../../context/debug.ts';
import { thisProcess } from '../../context/main-realm.ts';
import { spoolDirectory } from '../../emit/spool-dir.ts';

/** The last policy that was taken, kept over restarts. What is read was written by whoever can write there: judge it. */
export type Kept = {
  readonly text: string;
  readonly etag: string | undefined;
  /** Milliseconds since 1970. */
  readonly fetchedAt: number;
};

export type PolicyCache = { read(): Kept | undefined; write(kept: Kept): void };

export function createPolicyCache(
  configured: string | undefined,
  keyId: string,
  maxBytes: number,
): PolicyCache {
  const place = (): string => join(spoolDirectory(configured, keyId), 'policy.json');
  return {
    read() {
      try {
        const path = place();
        if (statSync(path).size > 2 * maxBytes) return undefined;
        const { text, etag, fetched_at } = JSON.parse(readFileSync(path, 'utf8')) as Record<
          string,
          unknown
        >;
        if (typeof text !== 'string' || typeof fetched_at !== 'number') return undefined;
        return { text, etag: typeof etag === 'string' ? etag : undefined, fetchedAt: fetched_at };
      } catch {
        return undefined;
      }
    },
    write({ text, etag, fetchedAt }) {
      try {
        const path = place();
        const own = `${path}.${thisProcess.pid}`;
        // Renamed whole: another process reads either the old one or the new one.
        writeFileSync(own, JSON.stringify({ text, etag, fetched_at: fetchedAt }), { mode: 0o600 });
        renameSync(own, path);
      } catch (error) {
        debug(
          'the policy cannot be kept on disk: a restart while the control plane is down has none',
          error,
        );
      }
    },
  };
}
