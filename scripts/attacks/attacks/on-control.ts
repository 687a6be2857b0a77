import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditRecord } from '@vantio/schema';
import { sessionIdOf } from '@vantio/schema/session-id';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { fixedKey } from '@vantio/schema/vectors/fixed-keys';
import type { Attack } from '../attack.ts';
import { type Anew, type Edit, everything, forge } from '../forge.ts';
import { witnessLooks } from '../witness-looks.ts';
import type { World } from '../world.ts';

const KEY = 'server keys, and the key of its session';

/** Everything, in its own session too: the process that wrote it still runs, and has the key of its session. */
const withItsKey = (world: World): Anew => ({ ...everything(world), control: world.sessionKey });
const isOwn = ({ source }: AuditRecord): boolean => source === 'control_plane';
const drop =
  (type: string): Edit =>
  (drafts) =>
    drafts.filter(({ record }) => !(isOwn(record) && record.event_type === type));
const rewrite =
  (type: string, change: Partial<AuditRecord>): Edit =>
  (drafts) =>
    drafts.map((draft) =>
      isOwn(draft.record) && draft.record.event_type === type
        ? { ...draft, record: { ...draft.record, ...change } as AuditRecord }
        : draft,
    );
/** A record that the control plane never wrote, before its last one. */
const invent: Edit = (drafts) => {
  const at = drafts.findLastIndex(({ record }) => isOwn(record));
  const end = drafts[at] as (typeof drafts)[number];
  const {
    session_sig: _,
    end_reason: __,
    ...rest
  } = end.record as AuditRecord & { end_reason?: string };
  const record = {
    ...rest,
    event_type: 'key_revoked',
    subject_key_id: '0'.repeat(16),
    event_id: rest.event_id.replace(/-7.../, '-7000'),
  } as unknown as AuditRecord;
  const after = { ...end.record, event_id: end.record.event_id.replace(/-7.../, '-7fff') };
  return [...drafts.slice(0, at), { ...end, record }, { ...end, record: after as AuditRecord }];
};
const otherRotation = rewrite('rotation', { segment_records: 7 });
/** Its whole session again, under another key. */
const reborn =
  (key = fixedKey('another session')): Edit =>
  (drafts) => {
    const publicKey = rawPublicKey(key);
    const id = sessionIdOf(publicKey);
    return drafts.map((draft) => {
      if (!isOwn(draft.record)) return draft;
      const { session_public_key: held, event_id, ...record } = draft.record;
      return {
        ...draft,
        record: {
          ...record,
          event_id: `${event_id.slice(0, -12)}${id.slice(0, 12)}`,
          session_id: id,
          ...(held === undefined ? {} : { session_public_key: publicKey }),
        } as AuditRecord,
      };
    });
  };

/** In the words of a control plane that changes what it recorded of itself. */
export const ON_CONTROL: readonly Attack[] = [
  {
    name: 'the control plane rewrites a record of its own session, whose key is gone',
    victim: ['API keys', 'vkey'],
    act: (world) => forge(world, otherRotation, everything(world)),
    caught: { by: 'verify', wrong: ['segment', 'session_signature'] },
  },
  {
    name: 'the control plane drops a record of its own session after it was sealed, from who keeps nothing',
    attacker: KEY,
    victim: ['API keys'],
    act: (world) => forge(world, drop('rotation'), withItsKey(world)),
    caught: {
      by: 'nobody',
      unmeasured: ['segment'],
      words: ['log key not pinned', 'unwitnessed'],
    },
  },
  {
    name: 'the control plane drops a record of its own session after it was sealed, with the old cosignatures beside it',
    attacker: KEY,
    victim: ['API keys', 'vkey', 'witness'],
    act: (world) => forge(world, drop('rotation'), { ...withItsKey(world), cosignatures: true }),
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'the control plane drops a record of its own session after it was sealed, from who kept a checkpoint',
    attacker: KEY,
    victim: ['API keys', 'vkey', 'checkpoint'],
    act: (world) => forge(world, drop('rotation'), withItsKey(world)),
    caught: { by: 'verify', wrong: ['log_consistency'] },
  },
  {
    name: 'the control plane drops a record of its own session after it was sealed, and the witness looks again',
    attacker: KEY,
    victim: ['witness'],
    act: async (world) => {
      await forge(world, drop('rotation'), withItsKey(world));
      return witnessLooks(world);
    },
    caught: { by: 'witness', alarm: 'rollback' },
  },
  {
    name: 'the control plane puts a record into its own session after it was sealed, with the old cosignatures beside it',
    attacker: KEY,
    victim: ['API keys', 'vkey', 'witness'],
    act: (world) => forge(world, invent, { ...withItsKey(world), cosignatures: true }),
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'the control plane rewrites the end of its own session after it was sealed, and the witness looks again',
    attacker: KEY,
    victim: ['witness'],
    act: async (world) => {
      await forge(world, rewrite('session_end', { end_reason: 'signal' }), withItsKey(world));
      return witnessLooks(world);
    },
    caught: { by: 'witness', alarm: 'fork' },
  },
  {
    name: 'the control plane leaves the end of its own session out before it is sealed',
    attacker: KEY,
    victim: ['API keys', 'vkey', 'witness'],
    act: async (world) => {
      await forge(world, drop('session_end'), { ...withItsKey(world), cosignatures: true });
      // Nobody has seen it yet.
      rmSync(join(world.log, `cosignatures/${world.sizes.at(-1)}`));
    },
    caught: { by: 'nobody', unmeasured: [], words: ['verified', 'witnessed by 1'] },
  },
  {
    name: 'the control plane rewrites the end of its own session before it is sealed',
    attacker: KEY,
    victim: ['API keys', 'vkey', 'witness'],
    act: async (world) => {
      const end = rewrite('session_end', { end_reason: 'signal' });
      await forge(world, end, { ...withItsKey(world), cosignatures: true });
      rmSync(join(world.log, `cosignatures/${world.sizes.at(-1)}`));
    },
    caught: { by: 'nobody', unmeasured: ['log_cosignature'], words: ['unwitnessed'] },
  },
  {
    name: 'the control plane makes its own session anew under another key, and the ledger begins with it',
    victim: ['API keys', 'vkey'],
    act: (world) =>
      forge(world, reborn(), { ...everything(world), control: fixedKey('another session') }),
    caught: { by: 'verify', wrong: ['log_checkpoint', 'segment'] },
  },
];
