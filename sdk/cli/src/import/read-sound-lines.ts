import {
  type Disclosure,
  type LedgerLine,
  receivedMac,
  recordMac,
  ZERO_HASH,
} from '@vantio/schema';
import { isAboutLogKeys, unkeptReceivedKey } from '@vantio/schema/unkept-key';
import { createKeyRing } from '@vantio/schema/verify/key-ring';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { createDisclosureWindow } from '../ledger/disclosure-window.ts';
import type { LedgerFile } from '../ledger/ledger-family.ts';
import { MAX_LINE_BYTES } from '../ledger/max-line-bytes.ts';
import { readLines } from '../ledger/read-lines.ts';
import { parsedLine } from './parsed-line.ts';
import type { SoundLedger } from './require-sound.ts';

/** Where a writer's chain of lines stands. */
export type Chain = { readonly id: string; readonly lines: number; readonly head: string };

/** One line that was verified, once more. */
export type SoundLine = {
  readonly parsed: LedgerLine;
  /** As it stands in the file, without its newline. */
  readonly text: string;
  readonly file: LedgerFile;
  /** After this line. */
  readonly chain: Chain;
  readonly disclosures: readonly Disclosure[];
};

/**
 * The lines of a verified ledger but the sealer's, in file order, with the disclosures of each. Files are read a second time,
 * and whoever can write them may have changed them since: each line's MACs and its place in the chain are checked again, so
 * that what comes out was verified, and no line beyond those that were. Holds one window of disclosures.
 * @throws {CliError} naming file and line that are not what was verified.
 */
export function* readSoundLines(
  files: readonly LedgerFile[],
  apiKeys: readonly string[],
  { lines, sealers }: Pick<SoundLedger, 'lines' | 'sealers'>,
): Generator<SoundLine> {
  const keys = createKeyRing(apiKeys);
  const unkept = unkeptReceivedKey();
  const chains = new Map<string, Chain>();
  for (const file of files) {
    const end = lines.get(file.path) ?? 0;
    if (end === 0) continue;
    // What is wrong with a disclosure was said, and accepted, before.
    const window =
      file.disclosures === undefined
        ? undefined
        : createDisclosureWindow(file.disclosures, () => {}, { keepValues: true });
    let read = 0;
    for (const line of readLines(file.path, { maxBytes: MAX_LINE_BYTES })) {
      const text = line.kind === 'text' ? line.text : '';
      const parsed = parsedLine(text);
      const key =
        parsed &&
        keys
          .get(parsed.record.key_id)
          ?.find(({ record }) => parsed.mac === recordMac(record, parsed.canonical));
      const isSealers =
        parsed !== undefined && sealers.has(parsed.record.key_id) && isAboutLogKeys(parsed.record);
      const chaining =
        key?.tenantId === parsed?.record.tenant_id ? key?.received : isSealers ? unkept : undefined;
      const before = chains.get(file.writer);
      const isSound =
        parsed !== undefined &&
        chaining !== undefined &&
        parsed.receivedMac ===
          receivedMac({
            key: chaining,
            previous: before?.head ?? ZERO_HASH,
            receivedAt: parsed.receivedAt,
            recordMac: parsed.mac,
          });
      if (!isSound) throw changed(`${file.path}:${line.number}`);
      const chain: Chain = {
        id: before?.id ?? parsed.receivedMac,
        lines: (before?.lines ?? 0) + 1,
        head: parsed.receivedMac,
      };
      chains.set(file.writer, chain);
      if (!isSealers)
        yield { parsed, text, file, chain, disclosures: window?.check(parsed.record) ?? [] };
      read = line.number;
      if (read === end) break;
    }
    if (read !== end) throw changed(file.path);
  }
}

const changed = (where: string): CliError =>
  new CliError(
    `${where} is not what was verified a moment ago: the file was changed meanwhile; run this again.`,
    EXIT.wrong,
  );
