import { setTimeout as sleep } from 'node:timers/promises';
import { EnvelopeError, type Finding } from '@vantio/schema';
import { promiseFault } from '@vantio/schema/promise-fault';
import type { SignedReceipt } from '@vantio/schema/receipt';
import { holdsReceipt } from '@vantio/schema/receipt-signature';
import { openCheckpoint } from '@vantio/schema/tlog/checkpoint';
import { type KeyTerm, signersOf, termsOf } from '@vantio/schema/tlog/key-terms';
import { ed25519PublicKey, type NoteKey } from '@vantio/schema/tlog/note-keys';
import { openRotation } from '@vantio/schema/tlog/rotation';
import { TlogError } from '@vantio/schema/tlog/tlog-error';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readKeyFiles } from '../ledger/read-key-files.ts';
import { parseLogKeys, parseWitnessKeys } from '../verify/log/parse-verifier-keys.ts';
import { readReceipts } from '../verify/log/read-receipts.ts';
import { createLogClient, type LogClient } from '../witness/log-client.ts';
import { type Judgement, judgePromise, type Proved, type Witnessed } from './judge-promise.ts';
import { type Pinned, proveRecord, witnessed } from './prove-record.ts';

export type MonitorOptions = {
  readonly url: string;
  readonly keyFile: string;
  readonly vkey: string;
  readonly witness: readonly string[];
  readonly receipts: readonly string[];
  readonly json?: true;
};

type Verdict = Judgement['verdict'] | 'wrong';

/** Requests a minute that a control plane takes, and some room. */
const PAUSE_MILLIS = 60;

/**
 * Asks a log to prove what it promised, and judges each promise.
 * @returns whether none is broken or wrong.
 * @throws {CliError} for what cannot be read or asked.
 */
export async function runMonitor(options: MonitorOptions): Promise<boolean> {
  const logKeys = parseLogKeys([options.vkey]);
  const [logKey] = logKeys;
  if (logKey === undefined || logKeys.some(({ name }) => name !== logKey.name))
    throw new CliError('--vkey wants the verifier keys of one log.');
  const [apiKey] = readKeyFiles([options.keyFile]);
  if (apiKey === undefined) throw new CliError(`${options.keyFile} holds no API key.`);
  const client = createLogClient({
    url: options.url,
    apiKey,
    signal: new AbortController().signal,
  });
  const log = followedFrom(logKeys, await client.rotations());
  const pinned = { log, witnesses: parseWitnessKeys(options.witness) };
  const tally: Record<Verdict, number> = { kept: 0, broken: 0, unmeasured: 0, wrong: 0 };
  const tell = (verdict: Verdict, place: string, reason: string): void => {
    tally[verdict]++;
    if (options.json) console.log(JSON.stringify({ verdict, place, reason }));
    else if (verdict !== 'kept') console.log(`${place}  ${verdict}: ${reason}`);
  };
  const onFault = ({ severity, file, line, message }: Finding): void =>
    tell(severity, `${file}:${line}`, message);

  const judge = async (signed: SignedReceipt): Promise<[Verdict, string]> => {
    const { receipt } = signed;
    if (receipt.origin !== logKey.name) return ['wrong', 'the receipt is of another log'];
    if (!log.some(({ key }) => holdsReceipt(signed, ed25519PublicKey(key.publicKey))))
      return ['wrong', "the receipt is not signed by the log's key"];
    const fault = promiseFault(receipt, Date.now() * 1000);
    if (fault !== undefined) return ['wrong', `${fault.field} ${fault.message}`];
    try {
      // Before the proofs: what they lack was lacking then.
      const newest = await newestOf(client, pinned);
      const proofs: Proved[] = [];
      for (const { event_id, record_hash } of receipt.events) {
        const proof = await client.proof(event_id);
        proofs.push(proof === undefined ? undefined : proveRecord(proof, record_hash, pinned));
        await sleep(PAUSE_MILLIS);
      }
      const { verdict, reason } = judgePromise(receipt, proofs, newest);
      return [verdict, reason];
    } catch (error) {
      if (error instanceof TlogError || error instanceof EnvelopeError)
        return ['wrong', error.message];
      throw error;
    }
  };

  for (const file of options.receipts)
    for (const { line, signed } of readReceipts(file, onFault))
      tell(...reorder(`${file}:${line}`, await judge(signed)));
  const { kept, broken, unmeasured, wrong } = tally;
  if (!options.json)
    console.log(
      `promises kept ${kept}, broken ${broken}, wrong ${wrong}, unmeasured ${unmeasured}`,
    );
  return broken === 0 && wrong === 0;
}

const reorder = (place: string, [verdict, reason]: [Verdict, string]) =>
  [verdict, place, reason] as const;

async function newestOf(client: LogClient, { log, witnesses }: Pinned): Promise<Witnessed> {
  const newest = openCheckpoint(await client.checkpoint(), log);
  signersOf(newest.note, newest, log);
  return witnessed(newest, witnesses);
}

/** @throws {CliError} if the log's rotations are not vouched for by what was pinned. */
function followedFrom(
  pinned: readonly NoteKey[],
  rotations: readonly string[],
): readonly KeyTerm[] {
  try {
    return termsOf(pinned, rotations.map(openRotation));
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw new CliError(`the log's rotation notes do not hold: ${error.message}.`, EXIT.wrong);
  }
}
