import { channel } from 'node:diagnostics_channel';
import { env } from './main-realm.ts';
import { tellStderr } from './stderr.ts';

/** Telemetry's own errors go here and nowhere else; subscribe to 'vantio:debug', or set VANTIO_DEBUG=1 for stderr. */
export const debugChannel = channel('vantio:debug');

const MAX_LINES = 1000;
let lines = 0;

/** @param error only its code or class is told: a message may quote a header, a path or a body. */
export function debug(what: string, error?: unknown): void {
  try {
    const code = error === undefined ? undefined : codeOf(error);
    if (debugChannel.hasSubscribers) debugChannel.publish({ what, code });
    if (env.VANTIO_DEBUG === '1' && lines++ < MAX_LINES)
      tellStderr(`${what}${code === undefined ? '' : ` (${code})`}`);
  } catch {
    // There is nowhere left to tell it.
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
}
