import { recordHash } from '../../hash.ts';
import type { LedgerLine } from '../../ledger-line.ts';
import { LOCAL_ORIGIN } from '../../promise-fault.ts';
import type { Receipt } from '../../receipt.ts';
import { checkpointText } from '../../tlog/checkpoint.ts';
import type { NoteKey } from '../../tlog/note-keys.ts';
import { openTreeEdge } from '../../tlog/tree-edge.ts';
import { equalHashes } from '../../tlog/tree-hash.ts';
import type { CheckName, Finding, Place } from '../finding.ts';
import { createClock } from './clock.ts';
import { cloudEntryOf } from './cloud-entry.ts';
import { openHandovers } from './handovers.ts';
import { type HeadFile, type KeptFile, openHeads } from './heads.ts';
import type { LogFiles, Report } from './log-files.ts';
import { type LogReport, type LogSummary, logNotes, logWords } from './log-report.ts';
import { createPromises } from './promises.ts';
import type { LogKeys } from './signed-head.ts';
import { createTreeWalk } from './tree-walk.ts';
import { createWitnessTimes } from './witness-times.ts';
import { createWitnesses } from './witnesses.ts';

export type LogVerifierOptions = {
  /** What findings call the log. */
  readonly name: string;
  readonly files: LogFiles;
  readonly log: LogKeys;
  readonly witnesses: readonly NoteKey[];
  readonly kept: readonly KeptFile[];
  readonly onFinding: (finding: Finding) => void;
};

/**
 * Holds a ledger to the log over it, line by line, by section 5 of schema/log.md. Reads the newest checkpoint at once: open it
 * before the ledger is read, and a ledger that grows meanwhile has lines enough. Memory does not grow with records; with
 * checkpoints by 8 bytes each, and by 24 with those that witnesses cosigned.
 */
export async function openLogVerifier({
  name,
  files,
  log,
  onFinding,
  ...options
}: LogVerifierOptions) {
  const failed = new Set<CheckName>();
  const report: Report = (finding) => {
    if (finding.severity === 'wrong') failed.add(finding.check);
    onFinding(finding);
  };
  const fault = (check: CheckName, file: string, message: string): void =>
    report({ check, severity: 'wrong', file, message });
  const witnesses = createWitnesses(options.witnesses, files, report);
  const times = createWitnessTimes();
  const clock = createClock(report);
  const promises = createPromises(report);
  const cosigned = options.witnesses.length > 0 ? files.cosignatureSizes() : new Float64Array(0);
  const handovers = openHandovers(log, files, report);
  const { terms, heads: handoverHeads } = handovers;
  const heads = openHeads({
    files,
    terms,
    isPinned: log.isPinned,
    handovers: handoverHeads,
    kept: options.kept,
    cosigned,
    report,
  });
  const { file: headFile = name, head } = heads.last ?? {};
  const size = head?.size ?? 0;
  const edge = await openTreeEdge(0, () => Promise.reject(new Error('an empty tree has no tile')));
  const isLocal = head?.origin.startsWith(LOCAL_ORIGIN) !== false;
  const walk = createTreeWalk({
    ...{ size, edge, files, report },
    ...(isLocal ? {} : { entryOf: cloudEntryOf }),
  });
  const cosigners = new Set<string>();
  let lines = 0;
  let isWhole = true;
  let due = 0;
  let held = 0;

  /** Judges the checkpoints of the trees that the walk has come to the end of. */
  const passHeads = (): void => {
    while (head !== undefined && (heads.sizes[due] ?? Number.POSITIVE_INFINITY) <= walk.index()) {
      const at = heads.sizes[due++] as number;
      if (at === heads.sizes[due]) continue;
      const { own, others } = heads.at(at);
      if (own) holdRoot(own, own === heads.last ? 'log_root' : 'log_consistency');
      // Of the newest size, what another checkpoint must agree with is the newest one.
      for (const other of others)
        holdRoot(other, 'log_consistency', at === size ? head.root : walk.root());
      const text = own?.head.note.text ?? textAt(head.origin, at);
      const cosignatures = [
        ...(text === undefined ? [] : witnesses.beside(text, at)),
        ...[...(own ? [own] : []), ...others].flatMap((each) =>
          witnesses.inNote(each.file, each.head.note, at),
        ),
      ];
      for (const { witness, time } of cosignatures) {
        times.add(at, time);
        if (at === size) cosigners.add(witness);
      }
      clock.hold(cosignatures.map(({ time }) => time));
    }
  };

  /** What the log signed of this size, by its tree; its checkpoint is not there. */
  const textAt = (origin: string, size: number): string | undefined => {
    const root = walk.root();
    return root && checkpointText({ origin, size, root });
  };

  const holdRoot = (found: HeadFile, check: CheckName, made = walk.root()): void => {
    const { file, head } = found;
    held++;
    handovers.holdHead(found);
    const { root } = head;
    if (made === undefined || equalHashes(made, root)) return;
    fault(
      check,
      file,
      check === 'log_root'
        ? "the root that the tiles make is not the checkpoint's"
        : 'the checkpoint is not the beginning of the newest: the tree had another root at its size',
    );
  };

  const holdOrigin = (parsed: LedgerLine, { file }: Place): void => {
    const isOwn = isLocal
      ? head?.origin === LOCAL_ORIGIN + parsed.receivedMac.slice(0, 32)
      : head?.origin.endsWith(`/${parsed.record.tenant_id}`);
    if (isOwn) return;
    fault('log_checkpoint', headFile, `is of another ledger: its origin is not that of ${file}`);
  };

  /**
   * @param bytes of the line without its newline; undefined where they could not be read as text.
   * @param parsed what the ledger's verifier made of them.
   */
  const line = (
    bytes: Uint8Array | undefined,
    parsed: LedgerLine | undefined,
    place: Place,
  ): void => {
    const at = lines++;
    if (!isWhole || head === undefined) return;
    if (at === 0 && parsed) holdOrigin(parsed, place);
    const isSealed = at < size;
    const holds = !isSealed || walk.step({ bytes, place });
    if (parsed && holds && !promises.isEmpty())
      promises.meet(parsed.record, recordHash(parsed.canonical), at);
    if (parsed && isSealed) clock.see(parsed.receivedAt, place);
    if (parsed && isSealed && holds) handovers.see(parsed, at, place);
    if (isSealed) passHeads();
  };

  const finish = (): LogReport => {
    while (walk.index() < size) {
      walk.step(undefined);
      // What a hostile checkpoint says is there may be more than anybody can look for.
      if (walk.isLost()) walk.skip();
      passHeads();
    }
    for (const { file, head: larger } of heads.beyond())
      fault(
        'log_consistency',
        file,
        `the checkpoint has ${larger.size} leaves and the newest of the log ${size}: the log was rolled back`,
      );
    if (head !== undefined)
      for (const each of cosigned) if (each > size) witnesses.beyond(each, size);
    if (isWhole && lines < size)
      fault(
        'log_size',
        name,
        `the ledger has ${lines} lines, fewer than the ${size} leaves of the checkpoint`,
      );
    if (isWhole && head !== undefined) handovers.holdRecords();
    const signer = head?.signers.at(-1);
    const summary: LogSummary = {
      name,
      ...(head && {
        origin: head.origin,
        size,
        root: Buffer.from(head.root).toString('base64'),
        ...(signer && { keyId: signer.keyId }),
      }),
      isPinned: log.isPinned,
      keys: handovers.summaries(),
      lines,
      unsealed: isWhole ? Math.max(0, lines - size) : 0,
      checkpoints: held,
      ...walk.counts,
      witnessedBy: cosigners.size,
      witnesses: witnesses.summaries(),
      promises: promises.judge(times, isWhole && head !== undefined, handovers.revokedAt),
      failed: [...failed],
    };
    for (const note of logNotes(summary)) report(note);
    return { ...summary, words: logWords(summary) };
  };

  passHeads();
  return {
    /** Undefined if no checkpoint holds. */
    origin: head?.origin,
    line,
    /** The ledger that is given is a part of one: nobody knows which entry a line is. */
    isPart: (file: string): void => {
      isWhole = false;
      report({
        check: 'log_leaf',
        severity: 'unmeasured',
        file,
        message: 'the ledger was not given whole: its lines were not held to the log',
      });
    },
    /** Those that were pinned, and those that they vouch for. */
    keys: handovers.keys,
    /** @param receipt whose signature holds under the key of that id, and whose origin is the log's. */
    promise: (receipt: Receipt, place: Place, keyId: string): void =>
      promises.add(receipt, place, keyId),
    finish,
  };
}

export type LogVerifier = Awaited<ReturnType<typeof openLogVerifier>>;
