import { readCosignatures } from '@vantio/schema/tlog/cosignature';
import { encodeBase64, type Note } from '@vantio/schema/tlog/note';
import { formatVerifierKey } from '@vantio/schema/tlog/note-keys';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { CliError } from '../cli-error.ts';
import { ALARM_OF, type Alarm, rfc3339 } from './alarm.ts';
import { followKeys, termsIn } from './follow-keys.ts';
import type { LogClient } from './log-client.ts';
import type { State } from './state.ts';
import type { LogKey } from './verifier-keys.ts';
import type { Considered, Cosigned, Witness } from './witness.ts';
import type { Cosigner } from './witness-key.ts';

/** What came of one look at a log. */
export type Round =
  /** `held`: the log served our cosignature with the checkpoint, so there was nothing to send. */
  | { readonly outcome: 'cosigned' | 'held'; readonly size: number; readonly root: string }
  /** The checkpoint is good, and the log did not take the cosignature. */
  | { readonly outcome: 'unsent'; readonly size: number; readonly says: string }
  /** No checkpoint that is good. */
  | { readonly outcome: 'failed'; readonly says: string }
  | { readonly outcome: 'alarm'; readonly alarm: Alarm };

export type WatchOptions = {
  readonly client: LogClient;
  readonly witness: Witness;
  readonly cosigner: Cosigner;
  readonly state: State;
  /** Keys of one log: of one origin. */
  readonly keys: readonly [LogKey, ...LogKey[]];
  /** Seconds of nothing but failed rounds after which there is an alarm. */
  readonly silence: number;
  readonly now: () => number;
};

/** What a round has got so far. */
type Served = {
  bytes?: string;
  proof?: readonly Uint8Array[];
  /** Whether the log's key signed it: what anybody may have answered is no evidence, and is not kept. */
  isSigned: boolean;
};

/** Fetches the checkpoint of a log, judges it, cosigns it, and gives the cosignature to the log. */
export async function watchOnce(options: WatchOptions): Promise<Round> {
  const served: Served = { isSigned: false };
  let considered: Considered;
  try {
    served.bytes = await options.client.checkpoint();
    considered = options.witness.consider(served.bytes);
    // Another key may have taken over: the log is asked who vouches for it.
    if (
      isOfAnotherKey(considered) &&
      (await followKeys(options.keys, options.state, options.client))
    )
      considered = options.witness.consider(served.bytes);
    if (considered.verdict === 'prove') {
      served.isSigned = true;
      served.proof = await options.client.consistency(considered.first, considered.second);
      considered = options.witness.consider(served.bytes, { proof: served.proof });
    }
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return notHeard(options, error.message, served);
  }
  if (considered.verdict === 'cosigned') return send(options, considered);
  // The proof that was asked for is there: what is left is a refusal.
  if (considered.verdict === 'prove') throw new Error('a proof was asked for twice');
  const kind = ALARM_OF[considered.fault];
  if (kind === undefined) return notHeard(options, `${considered.says}.`, served);
  return {
    outcome: 'alarm',
    alarm: {
      ...alarmOf(options, served.bytes),
      kind,
      says: considered.says,
      ...(served.proof === undefined ? {} : { proof: served.proof.map(encodeBase64) }),
    },
  };
}

const isOfAnotherKey = (considered: Considered): boolean =>
  considered.verdict === 'refuse' && considered.fault === 'other_key';

async function send(options: WatchOptions, { checkpoint, line }: Cosigned): Promise<Round> {
  const { note, size } = checkpoint;
  const head = { size, root: encodeBase64(checkpoint.root) };
  if (isHeld(note, options.cosigner)) return { outcome: 'held', ...head };
  const own = termsIn(options.keys, options.state, checkpoint.origin).map(({ keyId }) => keyId);
  const lines = note.signatures.filter(({ keyId }) => own.includes(keyId)).map((each) => each.line);
  try {
    await options.client.postCosignature(`${note.text}\n${[...lines, line].join('\n')}\n`);
    return { outcome: 'cosigned', ...head };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { outcome: 'unsent', size, says: error.message };
  }
}

/** Whether the log has our word for this tree already: its time would only be later. */
function isHeld(note: Note, { key }: Cosigner): boolean {
  try {
    return readCosignatures(note, [key]).length > 0;
  } catch (error) {
    if (error instanceof TlogError) return false;
    throw error;
  }
}

/** Counts a silence from its first round on, also across restarts. */
function notHeard(options: WatchOptions, says: string, served: Served): Round {
  const { state, keys, now, silence } = options;
  const origin = keys[0].name;
  const known = state.read(origin);
  const { failingSince } = known;
  const since = failingSince ?? now();
  if (failingSince === undefined) state.save(origin, { ...known, failingSince: since });
  const seconds = now() - since;
  if (seconds < silence) return { outcome: 'failed', says };
  return {
    outcome: 'alarm',
    alarm: {
      ...alarmOf(options, served.isSigned ? served.bytes : undefined),
      kind: 'silence',
      says: `no good checkpoint was heard of for ${Math.floor(seconds / 60)} minutes, last because ${says.replace(/\.$/, '')}`,
      since: rfc3339(since),
    },
  };
}

const alarmOf = (
  { state, keys, now }: WatchOptions,
  bytes: string | undefined,
): Omit<Alarm, 'kind' | 'says'> => ({
  origin: keys[0].name,
  at: rfc3339(now()),
  keys: termsIn(keys, state, keys[0].name).map(({ key }) => formatVerifierKey(key)),
  seen: state.read(keys[0].name).seen?.bytes ?? null,
  got: bytes ?? null,
});
