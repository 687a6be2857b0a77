import type { KeyObject } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuditRecord,
  type CanonicalValue,
  canonicalize,
  formatLedgerLine,
  parseLedgerLine,
  receivedKey,
  recordHash,
  recordKey,
  recordMac,
  ZERO_HASH,
} from '@vantio/schema';
import { signSession } from '@vantio/schema/session-signature';
import { createNoteSigner, createNoteVerifier, rawPublicKey } from '@vantio/schema/tlog/note-keys';
import { createDiskLogFiles } from '../../functions/src/local/log/disk-log-files.ts';
import { openSealer } from '../../functions/src/log/sealer.ts';
import type { World } from './world.ts';

/** A line as a forger thinks of it. */
export type Draft = {
  readonly record: AuditRecord;
  readonly receivedAt: string;
  readonly mac: string;
  readonly receivedMac: string;
  /** Whether it stands in the rotated file. */
  readonly isOld: boolean;
};

export type Edit = (drafts: readonly Draft[], world: World) => readonly Draft[];

/** What the forger makes anew after the edit. */
export type Anew = {
  /** MACs of records. */
  readonly macs?: boolean;
  /** `seq` and `prev` of each session. */
  readonly chains?: boolean;
  /** Signatures of the control plane's own session, with this key. */
  readonly control?: KeyObject;
  /** The chain of received MACs. */
  readonly received?: boolean;
  /** The log, with this key. */
  readonly log?: KeyObject;
  /** Leaves the witness's lines for the old trees beside the new log. */
  readonly cosignatures?: boolean;
};

export const everything = (world: World): Anew => ({
  macs: true,
  chains: true,
  received: true,
  log: world.logKey,
});

export const textsOf = (file: string): readonly string[] =>
  readFileSync(file, 'latin1').split('\n').slice(0, -1);

export const readDrafts = (world: World): readonly Draft[] =>
  [world.segment, world.ledger].flatMap((file) =>
    textsOf(file).map((text) => ({ ...parseLedgerLine(text), isOld: file === world.segment })),
  );

/** Edits the ledger and makes anew what the forger has the keys for. */
export async function forge(world: World, edit: Edit, anew: Anew = {}): Promise<void> {
  const edited = edit(readDrafts(world), world);
  const chained = anew.chains ? rechain(edited, anew.control) : edited;
  const texts = lineTexts(world, chained, anew);
  const old = chained.filter(({ isOld }) => isOld).length;
  writeFileSync(
    world.segment,
    texts
      .slice(0, old)
      .map((text) => `${text}\n`)
      .join(''),
  );
  writeFileSync(
    world.ledger,
    texts
      .slice(old)
      .map((text) => `${text}\n`)
      .join(''),
  );
  if (anew.log) await seal(world, texts, anew.log, anew.cosignatures);
}

function rechain(drafts: readonly Draft[], control: KeyObject | undefined): readonly Draft[] {
  const last = new Map<string, { readonly seq: number; readonly hash: string }>();
  return drafts.map((draft) => {
    const before = last.get(draft.record.session_id);
    const seq = before === undefined ? 0 : before.seq + 1;
    const moved = { ...draft.record, seq, prev: before?.hash ?? ZERO_HASH };
    const isOwn = moved.source === 'control_plane' && moved.session_sig !== undefined;
    const record = control !== undefined && isOwn ? resign(moved, control) : moved;
    last.set(record.session_id, { seq, hash: recordHash(canonical(record)) });
    return { ...draft, record };
  });
}

function resign({ session_sig: _, ...unsigned }: AuditRecord, key: KeyObject): AuditRecord {
  return { ...unsigned, session_sig: signSession(key, unsigned) } as AuditRecord;
}

function lineTexts(world: World, drafts: readonly Draft[], anew: Anew): readonly string[] {
  let previous = ZERO_HASH;
  return drafts.map(({ record, receivedAt, mac, receivedMac }) => {
    const text = canonical(record);
    const apiKey = world.apiKeys.get(record.key_id) ?? '';
    const recordMacNow = anew.macs ? recordMac(recordKey(apiKey), text) : mac;
    const line = formatLedgerLine({
      canonical: text,
      recordMac: recordMacNow,
      receivedAt,
      key: receivedKey(apiKey),
      previous,
    });
    previous = line.receivedMac;
    return anew.received ? line.text : line.text.replace(line.receivedMac, receivedMac);
  });
}

/** The log over these lines in the place of the old one, by the real sealer. */
export async function seal(
  { log, origin, sizes }: Pick<World, 'log' | 'origin' | 'sizes'>,
  texts: readonly string[],
  key: KeyObject,
  cosignatures = false,
): Promise<void> {
  for (const part of ['checkpoint', 'checkpoints', 'tile', 'place', 'cosigned'])
    rmSync(join(log, part), { recursive: true, force: true });
  if (!cosignatures) rmSync(join(log, 'cosignatures'), { recursive: true, force: true });
  const publicKey = rawPublicKey(key);
  const sealer = await openSealer({
    files: createDiskLogFiles(log),
    signer: createNoteSigner(origin, key),
    verifier: createNoteVerifier({ name: origin, type: 'ed25519', publicKey }),
  });
  const entries = texts.map((text) => Buffer.from(text, 'latin1'));
  const stops = [...sizes.filter((size) => size < entries.length), entries.length];
  for (const stop of stops) {
    await sealer.append(entries.slice(sealer.size(), stop));
    await sealer.publish();
  }
}

const canonical = (record: AuditRecord): string =>
  canonicalize(record as unknown as CanonicalValue);

/** A file of the log. */
export const inLog = (world: World, path: string): Buffer => readFileSync(join(world.log, path));
export const putLog = (world: World, path: string, bytes: string | Uint8Array): void =>
  writeFileSync(join(world.log, path), bytes);
export const isInLog = (world: World, path: string): boolean => existsSync(join(world.log, path));

export const change =
  (at: (draft: Draft, world: World) => boolean, how: (record: AuditRecord) => AuditRecord): Edit =>
  (drafts, world) =>
    drafts.map((draft) => (at(draft, world) ? { ...draft, record: how(draft.record) } : draft));

/** The place of the one line that is so. */
export function placeOf(drafts: readonly Draft[], is: (draft: Draft) => boolean): number {
  const at = drafts.findIndex(is);
  if (at === -1) throw new Error('no line is so');
  return at;
}
