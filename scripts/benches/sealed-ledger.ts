import { generateKeyPairSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  createSession,
  formatLedgerLine,
  instantFromMicros,
  makeApiKey,
  type RecordDraft,
  readApiKey,
  receivedKey,
  recordKey,
  ZERO_HASH,
} from '@vantio/schema';
import { checkpointText } from '@vantio/schema/tlog/checkpoint';
import { cosign, witnessKeyOf } from '@vantio/schema/tlog/cosignature';
import { formatBundle } from '@vantio/schema/tlog/entry-bundle';
import { signNote } from '@vantio/schema/tlog/note';
import { createNoteSigner, formatVerifierKey, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { TILE_WIDTH, tileAt, tilePath } from '@vantio/schema/tlog/tiles';
import { openTreeEdge } from '@vantio/schema/tlog/tree-edge';
import { leafHash } from '@vantio/schema/tlog/tree-hash';
import { callDraft } from './call-draft.ts';

export type SealedLedger = {
  readonly file: string;
  readonly apiKey: string;
  readonly vkey: string;
  readonly witness: string;
};

const SESSIONS = 4;
/** Records of a session between two that its key signs. */
export const HEAD_EVERY = 500;
const WITNESS = 'bench.example/witness';
const common = { evidence: 'observed', trace_origin: 'none', action_taken: 'RECORDED' } as const;

function draft(at: number): RecordDraft {
  if (at % HEAD_EVERY === HEAD_EVERY - 1)
    return { ...common, event_type: 'session_head' } as RecordDraft;
  return callDraft(at);
}

/** A ledger of so many records, and beside it its log with one checkpoint, which a witness cosigned. */
export async function makeSealedLedger(folder: string, records: number): Promise<SealedLedger> {
  const privateKey = (): ReturnType<typeof generateKeyPairSync>['privateKey'] =>
    generateKeyPairSync('ed25519').privateKey;
  const file = join(folder, 'ledger.ndjson');
  const apiKey = makeApiKey({ tenantId: 'bench', plan: 'local' }, privateKey());
  const { tenantId, keyId } = readApiKey(apiKey);
  const [macKey, key] = [recordKey(apiKey), receivedKey(apiKey)];
  const sessions = Array.from({ length: SESSIONS }, () =>
    createSession({
      tenantId,
      keyId,
      source: 'sdk_node',
      recordKey: macKey,
      sessionKey: privateKey(),
    }),
  );
  const put = (path: string, bytes: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, 'ledger.log', path)), { recursive: true });
    writeFileSync(join(folder, 'ledger.log', path), bytes);
  };
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('of nothing')));
  const out = openSync(file, 'w');
  let previous = ZERO_HASH;
  let origin = '';
  let bundle: Buffer[] = [];
  const close = (): void => {
    const tile = tileAt('entries', Math.floor((edge.size() - 1) / TILE_WIDTH), edge.size());
    if (tile !== undefined) put(tilePath(tile), formatBundle(bundle));
    writeSync(out, Buffer.concat(bundle.flatMap((line) => [line, Buffer.from('\n')])));
    bundle = [];
  };
  for (let at = 0; at < records; at++) {
    const session = sessions[at % SESSIONS] as (typeof sessions)[number];
    const micros = 1_767_323_045_000_000 + at * 10;
    const start = {
      ...common,
      event_type: 'session_start',
      session_public_key: session.publicKey,
      emitter: 'bench',
      emitter_version: '1',
    } as RecordDraft;
    const sealed = session.seal(at < SESSIONS ? start : draft(Math.floor(at / SESSIONS)), micros);
    const { text, receivedMac } = formatLedgerLine({
      canonical: sealed.canonical,
      recordMac: sealed.mac,
      receivedAt: instantFromMicros(micros + 1000),
      key,
      previous,
    });
    previous = receivedMac;
    origin ||= `vantio.local/${receivedMac.slice(0, 32)}`;
    const line = Buffer.from(text);
    edge.append(leafHash(line));
    bundle.push(line);
    if (bundle.length < TILE_WIDTH) continue;
    close();
    for (const { tile, bytes } of edge.takeFullTiles()) put(tilePath(tile), bytes);
  }
  if (bundle.length > 0) close();
  closeSync(out);
  for (const { tile, bytes } of edge.partialTiles()) put(tilePath(tile), bytes);
  const [logKey, witnessKey] = [privateKey(), privateKey()];
  const text = checkpointText({ origin, size: records, root: edge.root() });
  put('checkpoint', await signNote(text, [createNoteSigner(origin, logKey)]));
  const time = Math.floor(1_767_323_045 + records / 100_000 + 1);
  put(`cosignatures/${records}`, `${cosign(text, time, WITNESS, witnessKey)}\n`);
  return {
    file,
    apiKey,
    vkey: formatVerifierKey({ name: origin, type: 'ed25519', publicKey: rawPublicKey(logKey) }),
    witness: formatVerifierKey(witnessKeyOf(WITNESS, witnessKey)),
  };
}
