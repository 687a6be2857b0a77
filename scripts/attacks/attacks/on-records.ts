import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AuditRecord } from '@vantio/schema';
import { ALL, type Attack } from '../attack.ts';
import { change, type Draft, type Edit, everything, forge, placeOf } from '../forge.ts';
import { witnessLooks } from '../witness-looks.ts';
import type { World } from '../world.ts';

type Of = (draft: Draft, world: World) => boolean;
const acme =
  (seq: number): Of =>
  ({ record }, { sessions }) =>
    record.session_id === sessions.acme && record.seq === seq;
const globex =
  (seq: number): Of =>
  ({ record }, { sessions }) =>
    record.session_id === sessions.globex && record.seq === seq;

const allow = ({ action_taken: _, evidence: __, ...record }: AuditRecord): AuditRecord => ({
  ...record,
  action_taken: 'ALLOWED',
  evidence: 'observed',
});
const swapAcme = change(acme(272), allow);
const swapGlobex = change(globex(4), allow);
const slow = change(globex(5), (record) => ({ ...record, duration_us: 9 }));
const drop =
  (of: Of): Edit =>
  (drafts, world) =>
    drafts.filter((draft) => !of(draft, world));
const swapPlaces =
  (one: Of, two: Of): Edit =>
  (drafts, world) => {
    const [a, b] = [one, two].map((of) => placeOf(drafts, (draft) => of(draft, world)));
    return drafts.map(
      (draft, at) => drafts[at === a ? (b as number) : at === b ? (a as number) : at] ?? draft,
    );
  };
const again =
  (of: Of, how: (draft: Draft) => Draft = (draft) => draft): Edit =>
  (drafts, world) => [
    ...drafts,
    ...drafts.filter((draft) => of(draft, world)).map((draft) => ({ ...how(draft), isOld: false })),
  ];
const isOf =
  (tenant: string): Of =>
  ({ record }) =>
    record.tenant_id === tenant;
const keyOf = (world: World, tenant: string): string =>
  [...world.apiKeys].find(([, key]) => key.startsWith(`vk1.${tenant}.`))?.[0] ?? '';

/** In the words of who changes the records of a ledger, and makes anew what it has the keys for. */
export const ON_RECORDS: readonly Attack[] = [
  {
    name: 'a record is rewritten in the file',
    attacker: 'no key, the files',
    victim: ['API keys'],
    act: (world) => forge(world, slow),
    caught: { by: 'verify', wrong: ['log_leaf', 'mac'] },
  },
  {
    name: 'a record is rewritten and its MACs are made anew',
    victim: ['API keys'],
    act: (world) => forge(world, slow, { macs: true, received: true }),
    caught: { by: 'verify', wrong: ['log_leaf'] },
  },
  {
    name: 'a record is rewritten, with its MACs and the log, and the chain is left',
    victim: ['API keys', 'vkey'],
    act: (world) =>
      forge(
        world,
        change(acme(200), (record) => ({ ...record, duration_us: 9 })),
        { ...everything(world), chains: false },
      ),
    caught: { by: 'verify', wrong: ['chain'] },
  },
  {
    name: 'a record is rewritten and everything is made anew under a signature of its session',
    victim: ['API keys', 'vkey'],
    act: (world) => forge(world, swapAcme, everything(world)),
    caught: { by: 'verify', wrong: ['session_signature'] },
  },
  {
    name: 'a verdict is swapped in the file: blocked becomes allowed',
    attacker: 'no key, the files',
    victim: ['API keys'],
    act: (world) => forge(world, swapGlobex),
    caught: { by: 'verify', wrong: ['chain', 'log_leaf', 'mac'] },
  },
  {
    name: 'a verdict after the last signature of its session is swapped and everything is made anew, from who pinned the head',
    victim: ['API keys', 'heads'],
    act: (world) => forge(world, swapGlobex, everything(world)),
    caught: { by: 'verify', wrong: ['head'] },
  },
  {
    name: 'a verdict after the last signature is swapped and everything is made anew, and the witness looks again',
    victim: ['witness'],
    act: async (world) => {
      await forge(world, swapGlobex, everything(world));
      return witnessLooks(world);
    },
    caught: { by: 'witness', alarm: 'fork' },
  },
  {
    name: 'a verdict after the last signature is swapped and everything is made anew, with the old cosignatures beside it',
    victim: ['vkey', 'witness'],
    act: (world) => forge(world, swapGlobex, { ...everything(world), cosignatures: true }),
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'a verdict after the last signature is swapped and everything is made anew, without cosignatures',
    victim: ['API keys', 'vkey', 'witness'],
    act: (world) => forge(world, swapGlobex, everything(world)),
    caught: { by: 'nobody', unmeasured: ['log_cosignature'], words: ['unwitnessed'] },
  },
  {
    name: 'a verdict after the last signature is swapped and everything is made anew, from who holds the receipt, before a witness looks',
    victim: ALL.filter((pin) => pin !== 'heads'),
    act: (world) => forge(world, swapGlobex, everything(world)),
    caught: { by: 'nobody', unmeasured: ['log_cosignature', 'receipt'], words: ['unwitnessed'] },
  },
  {
    name: 'a record before the checkpoint that the victim kept is dropped and everything is made anew',
    victim: ['vkey', 'checkpoint'],
    act: (world) => forge(world, drop(acme(10)), everything(world)),
    caught: { by: 'verify', wrong: ['log_consistency', 'segment', 'session_signature'] },
  },
  {
    name: 'a record is dropped from the file',
    attacker: 'no key, the files',
    victim: ['API keys'],
    act: (world) => forge(world, drop(acme(200))),
    caught: { by: 'verify', wrong: ['gap', 'log_leaf', 'log_size', 'received_mac'] },
  },
  {
    name: 'a record is dropped and MACs and log are made anew',
    victim: ['API keys', 'vkey'],
    act: (world) => forge(world, drop(acme(200)), { ...everything(world), chains: false }),
    caught: { by: 'verify', wrong: ['gap'] },
  },
  {
    name: 'a record is dropped and everything is made anew',
    victim: ['API keys', 'vkey'],
    act: (world) => forge(world, drop(acme(200)), everything(world)),
    caught: { by: 'verify', wrong: ['session_signature'] },
  },
  {
    name: 'a whole session is dropped and everything is made anew, from who pinned its head',
    victim: ['API keys', 'vkey', 'heads'],
    act: (world) => forge(world, drop(isOf('globex')), everything(world)),
    caught: { by: 'verify', wrong: ['head'] },
  },
  {
    name: 'a whole session is dropped and everything is made anew, from who pinned nothing of it',
    victim: ['API keys', 'vkey', 'witness'],
    act: (world) => forge(world, drop(isOf('globex')), everything(world)),
    caught: { by: 'nobody', unmeasured: ['log_cosignature'], words: ['unwitnessed'] },
  },
  {
    name: 'two lines change places',
    attacker: 'no key, the files',
    victim: ['API keys'],
    act: (world) => forge(world, swapPlaces(acme(200), acme(201))),
    caught: { by: 'verify', wrong: ['log_leaf', 'received_mac'] },
  },
  {
    name: 'two lines of two tenants change places and MACs and log are made anew',
    victim: ['vkey', 'witness', 'API keys', 'receipts'],
    act: (world) =>
      forge(world, swapPlaces(globex(2), acme(162)), {
        ...everything(world),
        chains: false,
        cosignatures: true,
      }),
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'a record is put in with a place that is taken',
    victim: ['API keys', 'vkey'],
    act: (world) =>
      forge(
        world,
        again(globex(5), (draft) => ({ ...draft, record: { ...draft.record, duration_us: 7 } })),
        {
          ...everything(world),
          chains: false,
        },
      ),
    caught: { by: 'verify', wrong: ['conflict'] },
  },
  {
    name: 'a copy of a record is put in at the end, under a new place',
    victim: ['API keys', 'vkey'],
    act: (world) => forge(world, again(acme(273)), everything(world)),
    caught: { by: 'verify', wrong: ['chain'] },
  },
  {
    name: 'a line is written twice',
    victim: ['API keys', 'vkey'],
    act: (world) => forge(world, again(globex(5)), { received: true, log: world.logKey }),
    caught: { by: 'verify', wrong: ['conflict'] },
  },
  {
    name: 'a session is replayed in its own tenant',
    victim: ['API keys', 'vkey'],
    act: (world) => forge(world, again(isOf('globex')), { received: true, log: world.logKey }),
    caught: { by: 'verify', wrong: ['conflict'] },
  },
  {
    name: 'a record is replayed to another tenant, under its own key',
    victim: ['API keys', 'vkey'],
    act: (world) =>
      forge(
        world,
        again(globex(5), (draft) => ({ ...draft, record: { ...draft.record, tenant_id: 'acme' } })),
        { macs: true, received: true, log: world.logKey },
      ),
    caught: { by: 'verify', wrong: ['tenant'] },
  },
  {
    name: 'a session is replayed to another tenant, under the key of that tenant',
    victim: ['API keys', 'vkey'],
    act: (world) =>
      forge(
        world,
        (drafts) =>
          drafts.map((draft) =>
            draft.record.tenant_id === 'globex'
              ? {
                  ...draft,
                  record: { ...draft.record, tenant_id: 'acme', key_id: keyOf(world, 'acme') },
                }
              : draft,
          ),
        everything(world),
      ),
    caught: { by: 'verify', wrong: ['session_signature'] },
  },
  {
    name: 'the end is cut off the ledger and the log is left',
    attacker: 'no key, the files',
    victim: ['vkey'],
    act: ({ ledger }) => {
      const lines = readFileSync(ledger, 'latin1').split('\n');
      writeFileSync(ledger, `${lines.slice(0, -4).join('\n')}\n`);
    },
    caught: { by: 'verify', wrong: ['log_size'] },
  },
  {
    name: 'ledger and log are cut off together, from who pinned a head',
    victim: ['API keys', 'vkey', 'heads'],
    act: (world) => forge(world, (drafts) => drafts.slice(0, 281), { log: world.logKey }),
    caught: { by: 'verify', wrong: ['head'] },
  },
  {
    name: 'ledger and log are cut off together, from who pinned a witness alone',
    victim: ['API keys', 'vkey', 'witness'],
    act: (world) =>
      forge(world, (drafts) => drafts.slice(0, 283), { log: world.logKey, cosignatures: true }),
    caught: { by: 'verify', wrong: ['log_cosignature'] },
  },
  {
    name: 'ledger and log are cut off together with the cosignatures of what is gone, from who pinned a witness alone',
    victim: ['API keys', 'vkey', 'witness'],
    act: async (world) => {
      await forge(world, (drafts) => drafts.slice(0, 283), {
        log: world.logKey,
        cosignatures: true,
      });
      for (const size of world.sizes.filter((each) => each > 283))
        rmSync(`${world.log}/cosignatures/${size}`);
    },
    caught: { by: 'nobody', unmeasured: ['log_cosignature'], words: ['unwitnessed'] },
  },
  {
    name: 'received_at is set years ahead and everything is made anew and cosigned',
    victim: ['API keys', 'vkey', 'witness'],
    act: async (world) => {
      await forge(
        world,
        (drafts) =>
          drafts.map((draft) =>
            globex(5)(draft, world)
              ? { ...draft, receivedAt: '2098-01-01T00:00:00.000000Z' }
              : draft,
          ),
        { received: true, log: world.logKey },
      );
      // A witness that the operator's victim pinned, and that comes to this log for the first time.
      rmSync(`${world.directory}/witness-state`, { recursive: true });
      await witnessLooks(world);
    },
    caught: { by: 'verify', wrong: ['clock'] },
  },
  {
    name: 'received_at is set back in the file',
    attacker: 'no key, the files',
    victim: ['API keys'],
    act: (world) =>
      forge(world, (drafts) =>
        drafts.map((draft) =>
          globex(5)(draft, world) ? { ...draft, receivedAt: '2026-01-01T00:00:00.000000Z' } : draft,
        ),
      ),
    caught: { by: 'verify', wrong: ['log_leaf', 'received_mac'] },
  },
  {
    name: 'received_at is set back and everything is made anew under the checkpoint that the victim kept',
    victim: ['vkey', 'checkpoint'],
    act: (world) =>
      forge(
        world,
        (drafts) =>
          drafts.map((draft) =>
            acme(100)(draft, world)
              ? { ...draft, receivedAt: '2026-01-01T00:00:00.000000Z' }
              : draft,
          ),
        { received: true, log: world.logKey },
      ),
    caught: { by: 'verify', wrong: ['log_consistency', 'segment'] },
  },
  {
    name: 'received_at is set back and everything is made anew, from who keeps nothing',
    victim: ['API keys'],
    act: (world) =>
      forge(
        world,
        (drafts) =>
          drafts.map((draft) =>
            globex(5)(draft, world)
              ? { ...draft, receivedAt: '2026-01-01T00:00:00.000000Z' }
              : draft,
          ),
        { received: true, log: world.logKey },
      ),
    caught: { by: 'nobody', unmeasured: [], words: ['log key not pinned', 'unwitnessed'] },
  },
  {
    name: 'an erasure is put in under a session of a tenant',
    victim: ['API keys', 'vkey'],
    act: (world) =>
      forge(
        world,
        again(globex(5), (draft) => {
          const {
            duration_us: _,
            outcome: __,
            trace_id: ___,
            ...record
          } = draft.record as AuditRecord & Record<string, unknown>;
          return {
            ...draft,
            record: {
              ...record,
              event_type: 'erasure',
              action_taken: 'ERASED',
              trace_origin: 'none',
              subject_event_id: draft.record.event_id,
              subject_field: 'agent_name',
            } as unknown as AuditRecord,
          };
        }),
        everything(world),
      ),
    caught: { by: 'verify', wrong: ['form'] },
  },
  {
    name: 'a line of the rotated file is rewritten and everything of it is made anew',
    victim: ['API keys', 'vkey'],
    act: (world) =>
      forge(
        world,
        change(acme(100), (record) => ({ ...record, duration_us: 9 })),
        { macs: true, received: true, log: world.logKey },
      ),
    caught: { by: 'verify', wrong: ['chain', 'segment'] },
  },
];
