import { readFileSync } from 'node:fs';
import {
  certifySession,
  createSession,
  type Disclosure,
  type RecordDraft,
  rawPublicKey,
  readApiKey,
  recordKey,
  type SealedRecord,
  type Session,
} from '@vantio/schema/emitter';
import { debug } from '../context/debug.ts';
import { type KeyObject, lazyCrypto } from '../context/ids.ts';
import { dateNow, now } from '../context/main-realm.ts';
import { COVERAGE_GAPS } from '../observe/observe.ts';
import { type Draft, draftOf, traceAround } from '../record/draft.ts';
import type { Detail, Entry } from '../record/observation.ts';
import { processFields, sessionFields } from '../record/process-facts.ts';
import { lose } from '../record/queue.ts';
import { EMITTER, VERSION } from './version.ts';

export type Item = { readonly sealed: SealedRecord; readonly disclosures: readonly Disclosure[] };
export type EndReason = 'exit' | 'shutdown' | 'signal';
export type Ending = Pick<Detail, 'signal' | 'exit_code'>;

type Root = { readonly key: KeyObject; readonly raw: string };
const RECORDED = { action_taken: 'RECORDED', evidence: 'observed' } as const;

/**
 * Turns entries into the sealed records of one session after another. A session ends at a clean end, or with a refused
 * batch: its chain then has a hole that nothing can fill, so what follows starts a new one that names it as its parent.
 */
export function createSealer(apiKey: string, rootKeyFile: string | undefined, parentId?: string) {
  const { tenantId, keyId } = readApiKey(apiKey);
  const key = recordKey(apiKey);
  const facts = processFields();
  const root = readRoot(rootKeyFile);
  let session: Session | undefined;
  let hasBegun = false;
  let parent = parentId;

  /** Makes the session that is sealed next, when none is there: others may have to name it before it begins. */
  function open(): Session {
    if (session) return session;
    const { privateKey } = lazyCrypto().generateKeyPairSync('ed25519');
    session = createSession({
      tenantId,
      keyId,
      source: 'sdk_node',
      recordKey: key,
      sessionKey: privateKey,
    });
    return session;
  }

  /** Seals the session_start, and what cannot be observed here, when no session has begun. */
  function begin(): readonly Item[] {
    if (hasBegun) return [];
    const opened = open();
    hasBegun = true;
    return [sealNow(startDraft(opened)), ...COVERAGE_GAPS.map(gap)];
  }

  const startDraft = ({ publicKey }: Session): RecordDraft => ({
    event_type: 'session_start',
    ...RECORDED,
    ...traceAround(undefined),
    ...facts,
    ...sessionFields(),
    session_public_key: publicKey,
    emitter: EMITTER,
    emitter_version: VERSION,
    ...(parent === undefined ? {} : { parent_session_id: parent }),
    ...(root && {
      session_root_key: root.raw,
      session_root_sig: certifySession(root.key, tenantId, publicKey),
    }),
  });

  const gap = ([capability, coverage]: (typeof COVERAGE_GAPS)[number]): Item =>
    sealNow({
      event_type: 'coverage',
      ...RECORDED,
      trace_origin: 'none',
      ...facts,
      capability,
      coverage,
    });

  const sealNow = (draft: RecordDraft): Item => sealAt({ draft, at: now(), disclosures: [] });

  function sealAt({ draft, at, disclosures }: Draft): Item {
    if (!session) throw new Error('no session is open');
    const micros = Math.max(0, Math.round((dateNow() - now() + at) * 1000));
    return { sealed: session.seal(draft, micros, disclosures), disclosures };
  }

  /** One entry that cannot be sealed must not take the others with it. */
  function seal(entry: Entry): Item | undefined {
    return sealDraft(() => draftOf(entry, facts));
  }

  function sealDraft(make: () => Draft): Item | undefined {
    try {
      return sealAt(make());
    } catch (error) {
      debug('an event could not be sealed', error);
      lose('decode_error', 1);
      return undefined;
    }
  }

  const loss = (loss_reason: NonNullable<Detail['loss_reason']>, lost_events: number): Item =>
    sealNow({
      event_type: 'loss',
      ...RECORDED,
      trace_origin: 'none',
      ...facts,
      loss_reason,
      lost_events,
    });

  const head = (): Item =>
    sealNow({ event_type: 'session_head', ...RECORDED, trace_origin: 'none', ...facts });

  function end(end_reason: EndReason, ending: Ending): Item {
    const item = sealNow({
      event_type: 'session_end',
      ...RECORDED,
      trace_origin: 'none',
      ...facts,
      end_reason,
      ...ending,
    });
    abandon();
    return item;
  }

  /** What follows belongs to a new session. */
  function abandon(): void {
    if (!session || !hasBegun) return;
    parent = session.sessionId;
    session = undefined;
    hasBegun = false;
  }

  return {
    keyId,
    facts,
    begin,
    seal,
    sealDraft,
    loss,
    head,
    end,
    abandon,
    /** Of the session that has begun. */
    sessionId: (): string | undefined => (hasBegun ? session?.sessionId : undefined),
    /** Of the session that what is recorded now will be in, as far as can be known. */
    nextSessionId: (): string => open().sessionId,
  };
}

export type Sealer = ReturnType<typeof createSealer>;

function readRoot(file: string | undefined): Root | undefined {
  if (file === undefined) return undefined;
  try {
    const key = lazyCrypto().createPrivateKey(readFileSync(file));
    return { key, raw: rawPublicKey(key) };
  } catch (error) {
    debug('VANTIO_SESSION_ROOT is not a readable Ed25519 private key: origin unattested', error);
    return undefined;
  }
}
