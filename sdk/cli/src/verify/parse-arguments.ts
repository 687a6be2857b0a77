import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ExpectedHead } from '@vantio/schema';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { CliError } from '../cli-error.ts';

const HEAD = /^([0-9a-f]{32}):(0|[1-9][0-9]{0,15}):([0-9a-f]{64})$/;

/** @throws {CliError} unless the text is SESSION:SEQ:HASH. */
export function parseExpectedHead(text: string): ExpectedHead {
  const [, sessionId, seq, hash] = HEAD.exec(text) ?? [];
  if (sessionId === undefined || hash === undefined)
    throw new CliError(
      '--expect-head wants SESSION:SEQ:HASH: 32 hex digits, a number, 64 hex digits; verify --json prints them as sessionId, lastSeq and lastHash.',
    );
  return { sessionId, seq: Number(seq), hash };
}

/**
 * A customer's session root: 64 hex digits, or a PEM file of the Ed25519 key, public or private.
 * @returns the raw public key, 64 hex digits.
 * @throws {CliError}
 */
export function parseSessionRoot(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  if (!existsSync(text))
    throw new CliError(
      '--session-root wants an Ed25519 public key, as 64 hex digits or as a PEM file that exists.',
    );
  try {
    const key = createPublicKey(readFileSync(text));
    if (key.asymmetricKeyType === 'ed25519') return rawPublicKey(key);
  } catch {}
  throw new CliError(`${text} is not the PEM file of an Ed25519 key; --session-root wants one.`);
}
