import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { createNoteVerifier, parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import { parseTlogProof, verifyTlogProof } from '@vantio/schema/tlog/tlog-proof';
import { leafHash } from '@vantio/schema/tlog/tree-hash';

export type LogAt = {
  /** Of the control plane. */
  readonly url: string;
  readonly apiKey: string;
  readonly verifierKey: string;
};

export type Proved = { readonly index: number; readonly size: number; readonly hashes: number };

const get = ({ url, apiKey }: LogAt, path: string): Promise<Response> =>
  fetch(`${url}/api/v1/${path}`, { headers: { authorization: `Bearer ${apiKey}` } });

const verifierOf = ({ verifierKey }: LogAt) => createNoteVerifier(parseVerifierKey(verifierKey));

/** Waits until the newest checkpoint covers so many leaves. @returns its size, also if it does not. */
export async function awaitSealed(log: LogAt, atLeast: number, seconds: number): Promise<number> {
  let size = 0;
  for (let waited = 0; waited < seconds * 4; waited++) {
    const answer = await get(log, 'checkpoint');
    if (answer.status === 200) size = openCheckpoint(await answer.text(), verifierOf(log)).size;
    if (size >= atLeast) return size;
    await sleep(250);
  }
  return size;
}

/** Asks for the proof of an event, and holds it to the log's key. @throws {Error} if it does not hold, or there is none. */
export async function prove(log: LogAt, eventId: string): Promise<Proved> {
  const answer = await get(log, `proof/${eventId}`);
  if (answer.status !== 200) throw new Error(`the proof was answered with ${answer.status}`);
  const proof = parseTlogProof(await answer.text());
  const entry = proof.extra ?? new Uint8Array();
  const { size } = verifyTlogProof(proof, leafHash(entry), verifierOf(log));
  const { record } = JSON.parse(Buffer.from(entry).toString()) as {
    readonly record: { readonly event_id: string };
  };
  if (record.event_id !== eventId) throw new Error('the proof is of another event');
  return { index: proof.index, size, hashes: proof.hashes.length };
}

/** The event id of a ledger's last line. */
export function lastEventOf(ledger: string): string {
  const line = readFileSync(ledger, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  return (JSON.parse(line) as { readonly record: { readonly event_id: string } }).record.event_id;
}
