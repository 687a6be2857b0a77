import assert from 'node:assert/strict';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { signersOf, termsOf } from '@vantio/schema/tlog/key-terms';
import { parseNote } from '@vantio/schema/tlog/note';
import type { NoteKey } from '@vantio/schema/tlog/note-keys';
import { type LogKeys, noteKeyOf, originOf } from '../log-key/log-identity.ts';
import { createRotations } from '../seal/rotations.ts';
import { LOG_NAME, type Sealing } from './sealing.ts';

/** The keys of a tenant's log, in the order in which they take over. */
export const keysOf = (tenantId: string, { publicKeys }: LogKeys): readonly NoteKey[] =>
  publicKeys.map((key) => noteKeyOf(originOf(LOG_NAME, tenantId), key));

/** Every checkpoint is signed as whoever pinned this key wants it. @returns key ids under each, by size. */
export async function requireFollowed({ database }: Sealing, tenantId: string, pinned: NoteKey) {
  const rotations = await createRotations(database, tenantId).all();
  const terms = termsOf([pinned], rotations);
  const [rows] = await database.run({
    sql: 'SELECT Note FROM Checkpoints WHERE TenantId = @tenantId ORDER BY TreeSize',
    params: { tenantId },
    json: true,
  });
  const signed = (rows as unknown as readonly { readonly Note: string }[]).map(({ Note }) => {
    const note = parseNote(Note);
    const head = parseCheckpointText(note.text);
    signersOf(note, head, terms);
    return [head.size, note.signatures.map(({ keyId }) => keyId)] as const;
  });
  return { rotations, signed: new Map(signed), sizes: signed.map(([size]) => size) };
}

/** Of both keys exactly one checkpoint: from there on the second alone. */
export async function requireOneOfBoth(
  sealing: Sealing,
  tenantId: string,
  keys: LogKeys,
  size: number,
): Promise<void> {
  const [from, to] = keysOf(tenantId, keys) as [NoteKey, NoteKey];
  const { rotations, signed } = await requireFollowed(sealing, tenantId, from);
  const both = [...signed].filter(([, ids]) => ids.length === 2).map(([at]) => at);
  assert.deepEqual(both, [rotations[0]?.head.size]);
  assert.equal(rotations.length, 1);
  await requireFollowed(sealing, tenantId, to);
  assert.equal([...signed.keys()].at(-1), size);
}
