import { createPrivateKey, type KeyObject } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { certifySession, parseLedgerLine } from '@vantio/schema';
import { rawPublicKey } from '@vantio/schema/session-signature';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { parseNote } from '@vantio/schema/tlog/note';
import { ROOT, ROOT_KEY } from '@vantio/schema/vectors/sample-session';
import { createEmitter, ndjson, TRACE } from '../../functions/src/testing/emitter.ts';
import { createHouse, post } from '../../functions/src/testing/local.ts';
import { linesOfLedger } from '../../functions/src/testing/log.ts';
import { makeWitnessKey, verifierKeyIn } from '../../sdk/cli/src/witness/witness-key.ts';
import { keysMadeBy } from './keys-made.ts';
import { witnessLooks } from './witness-looks.ts';

/** A directory that an attack may spoil: a ledger over two files, its log, and what its users and witness keep. */
export type World = {
  readonly directory: string;
  readonly ledger: string;
  readonly segment: string;
  readonly log: string;
  readonly vkey: string;
  readonly origin: string;
  readonly logKey: KeyObject;
  /** Of the control plane's own session, as it was in the memory of the server. */
  readonly sessionKey: KeyObject;
  /** By key id: the server knows them all. */
  readonly apiKeys: ReadonlyMap<string, string>;
  readonly witness: string;
  /** Sessions of the tenants: one ended and certified by a root, one whose tail nobody signed. */
  readonly sessions: { readonly acme: string; readonly globex: string };
  /** SESSION:SEQ:HASH of the last record of each. */
  readonly heads: readonly string[];
  readonly sizes: readonly number[];
};

/** The directory's paths are all that differs from one copy to another. */
const placed = (world: Omit<World, 'ledger' | 'segment' | 'log'>): World => ({
  ...world,
  ledger: join(world.directory, 'audit.ndjson'),
  segment: join(world.directory, 'audit.000001.ndjson'),
  log: join(world.directory, 'audit.log'),
});

type Hooks = { after(hook: () => unknown): void };

/** An honest control plane takes in two sessions, seals them, and a witness cosigns what it seals. */
export async function buildWorld(hooks: Hooks): Promise<World> {
  const house = createHouse(hooks);
  const [acme, globex] = [house.key('acme'), house.key('globex')];
  const { result: server, keys } = await keysMadeBy(() =>
    house.start({ maxSegmentBytes: 100_000 }),
  );
  const { directory } = house;
  const put = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return text;
  };
  const key = put('witness.key', makeWitnessKey('witness.example/w1', 'ed25519'));
  const a = createEmitter(acme);
  const g = createEmitter(globex);
  const log = join(directory, 'audit.log');
  const receipts: string[] = [];
  const sizes: number[] = [];
  const send = async (apiKey: string, records: Parameters<typeof ndjson>[0]): Promise<void> => {
    const { status, body } = await post(server.url, apiKey, ndjson(records));
    if (status !== 202) throw new Error(`ingest answered ${status}`);
    receipts.push(`${JSON.stringify(body.receipt)}\n`);
  };
  const sealed = async (): Promise<void> => {
    for (let turn = 0; turn < 200; turn++) {
      const size = sizeOf(join(log, 'checkpoint'));
      // Between two files there is no active one.
      if (existsSync(house.ledger) && size === linesOfLedger(house.ledger).length) {
        sizes.push(size);
        await witnessLooks({ directory, log, vkey: readVkey(directory) });
        return;
      }
      await wait(50);
    }
    throw new Error('the log did not seal the ledger');
  };
  const head = { event_type: 'session_head' } as const;
  const certificate = {
    session_root_key: ROOT_KEY,
    session_root_sig: certifySession(ROOT, 'acme', a.publicKey),
  };
  await send(acme, [
    a.start(certificate),
    ...Array.from({ length: 160 }, () => a.event()),
    a.seal(head),
  ]);
  await sealed();
  cpSync(join(log, 'checkpoint'), join(directory, 'kept-checkpoint'));
  await send(globex, [g.start(), g.event(), g.seal(head)]);
  const verdict = {
    event_type: 'http_request',
    action_taken: 'BLOCKED_HOST',
    evidence: 'denied_before_effect',
    trace_origin: 'exact',
    trace_id: TRACE,
    target_host: 'evil.example',
    target_port: 443,
    client: 'fetch',
  } as const;
  const many = Array.from({ length: 110 }, () => a.event());
  const end = [
    a.seal(verdict),
    a.event(),
    a.seal({ event_type: 'session_end', end_reason: 'exit' }),
  ];
  await send(acme, [...many, ...end]);
  await sealed();
  const tail = [g.event(), g.seal(verdict), g.event()];
  await send(globex, tail);
  await sealed();
  await server.close();
  await sealed();
  const control = house.controlKey();
  put('api.keys', `${acme}\n${globex}\n${control}\n`);
  put('receipts.ndjson', receipts.join(''));
  put('witness.vkey', `${verifierKeyIn(key)}\n`);
  cpSync(join(directory, 'audit.vkey'), join(directory, 'pinned.vkey'));
  const vkey = readVkey(directory);
  const lastOf = (
    id: string,
    record: { readonly hash: string; readonly record: { seq: number } },
  ) => `${id}:${record.record.seq}:${record.hash}`;
  return placed({
    directory,
    vkey,
    origin: vkey.slice(0, vkey.indexOf('+')),
    sessionKey: sessionKeyOf(join(directory, 'audit.000001.ndjson'), keys),
    logKey: createPrivateKey(readFileSync(join(house.stateDir, 'log.pem'))),
    apiKeys: new Map([acme, globex, control].map((each) => [each.split('.')[2] ?? '', each])),
    witness: verifierKeyIn(key),
    sessions: { acme: a.sessionId, globex: g.sessionId },
    heads: [lastOf(a.sessionId, end[2] as never), lastOf(g.sessionId, tail[2] as never)],
    sizes,
  });
}

export function copyOf(world: World, hooks: Hooks): World {
  const directory = mkdtempSync(join(tmpdir(), 'vantio-attack-'));
  hooks.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(directory, { recursive: true });
  cpSync(world.directory, directory, { recursive: true });
  return placed({ ...world, directory });
}

/** The control plane's session begins with the first line. */
function sessionKeyOf(file: string, keys: readonly KeyObject[]): KeyObject {
  const { record } = parseLedgerLine(readFileSync(file, 'latin1').split('\n', 1)[0] ?? '');
  const key = keys.find((each) => rawPublicKey(each) === record.session_public_key);
  if (key === undefined) throw new Error('the server made its session key before it was watched');
  return key;
}

const readVkey = (directory: string): string =>
  readFileSync(join(directory, 'audit.vkey'), 'utf8').trim();

export function sizeOf(file: string): number {
  try {
    return parseCheckpointText(parseNote(readFileSync(file, 'utf8')).text).size;
  } catch {
    return -1;
  }
}
