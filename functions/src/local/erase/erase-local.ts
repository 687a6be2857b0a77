import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import type { Selection, ValueKey } from '../../erase/selection.ts';
import { createTombstones, inGroups, TOMBSTONES, type Why } from '../../erase/tombstones.ts';
import type { Batch } from '../../ingest/ledger-store.ts';
import { openControlKey, openKeymaker } from '../keys/keymaker.ts';
import { stateFiles } from '../keys/state-dir.ts';
import { type LocalLog, openLocalLog } from '../log/open-local-log.ts';
import { syncDirectoryOf } from '../ndjson/append-file.ts';
import { type Family, familyOf } from '../ndjson/family.ts';
import type { Lock } from '../ndjson/lock.ts';
import { openNdjsonStore } from '../ndjson/store.ts';
import { EraseError } from './erase-error.ts';
import { familyFiles } from './family-files.ts';
import { findValues, meantBy } from './find-values.ts';
import { readLedgers } from './read-ledgers.ts';
import { type RewriteStep, rewriteDisclosures } from './rewrite-disclosures.ts';
import { takeLedger } from './take-ledger.ts';

export type EraseStep = 'found' | 'recorded' | 'sealed' | RewriteStep;

export type EraseOptions = Why & {
  /** Its name ends in .ndjson; stands for its whole family. */
  readonly ledgerFile: string;
  readonly stateDir: string;
  readonly selection: Selection;
  /** Looks, and changes nothing. */
  readonly dryRun?: boolean;
  readonly log: (message: string, error?: unknown) => void;
  /** Told of each step when it is done. */
  readonly onStep?: (step: EraseStep) => void;
};

export type Erasure = {
  /** Values that were meant and were there. */
  readonly values: number;
  /** Of these, such as an earlier erasure had recorded and not finished, or a backup brought back. */
  readonly recordedBefore: number;
  /** Disclosures files that were written anew. */
  readonly files: number;
  /** Lines that are not of the form of a disclosure; they stay, whatever they hold. */
  readonly unreadable: number;
};

/**
 * Erases values behind commitments from a ledger that no server writes. The records that say so come first: whatever cuts
 * this short, no value is gone without its record, and the same call again takes what is left and records nothing twice.
 * @throws {EraseError | StateDirError | TlogError}
 */
export async function eraseLocal(options: EraseOptions): Promise<Erasure> {
  const { ledgerFile, stateDir, selection, onStep = () => {} } = options;
  const family = familyOf(ledgerFile);
  requireLedger(family);
  if (!existsSync(stateFiles(stateDir).keymaker))
    throw new EraseError(
      'no_state',
      `${stateDir} is no state directory of vantio serve or vantio keys: name theirs with --state-dir; what is erased is recorded under the control key in it`,
    );
  const taken = takeLedger(family);
  try {
    const { ledgers, disclosures, drafts } = familyFiles(family);
    const facts = readLedgers(ledgers, selection.traceId);
    const isMeant = meantBy(selection, facts);
    const found = findValues(disclosures, isMeant);
    const { values, files, unreadable } = found;
    onStep('found');
    const due = [...values].filter(([text]) => !facts.erased.has(text)).map(([, value]) => value);
    const said = {
      values: values.size,
      recordedBefore: values.size - due.length,
      files: files.length,
      unreadable,
    };
    if (options.dryRun) return said;
    for (const draft of drafts) unlinkSync(draft);
    if (drafts.length > 0) await syncDirectoryOf(family.active);
    if (due.length > 0) await record(family, taken.lock, due, options);
    for (const path of files) await rewriteDisclosures(path, isMeant, onStep);
    return said;
  } finally {
    taken.release();
  }
}

function requireLedger(family: Family): void {
  const { directory, active } = family;
  const files = existsSync(directory) ? familyFiles(family) : undefined;
  if (files === undefined || files.ledgers.length + files.disclosures.length === 0)
    throw new EraseError('no_ledger', `there is no ledger ${active}; check the path`);
  // What another user makes here, root too, the server could not open.
  const user = process.getuid?.();
  const other = [...files.ledgers, ...files.disclosures].find(
    (path) => user !== undefined && lstatSync(path).uid !== user,
  );
  if (other !== undefined)
    throw new EraseError(
      'other_user',
      `${other} belongs to another user: run vantio erase as the user of vantio serve`,
    );
}

/** Puts the `erasure` records in the ledger, and in its log if it has one. */
async function record(
  family: Family,
  lock: Lock,
  due: readonly ValueKey[],
  { stateDir, log, onStep = () => {}, ...why }: EraseOptions,
): Promise<void> {
  const controlKey = openControlKey(stateDir, openKeymaker(stateDir));
  const hasLog = existsSync(family.log);
  const store = await openNdjsonStore({ outputFile: family.active, controlKey, log, lock });
  let merkleLog: LocalLog | undefined;
  try {
    if (hasLog) merkleLog = await openLocalLog({ family, stateDir, ledger: store, log });
    const tombstones = createTombstones(controlKey, why);
    const put = async (batch: Batch): Promise<void> => {
      await store.append(batch);
      tombstones.settle(batch);
    };
    for (const group of inGroups(due, TOMBSTONES)) await put(tombstones.of(group));
    await put(tombstones.end());
    onStep('recorded');
  } finally {
    await store.close();
    await merkleLog?.close();
  }
  onStep('sealed');
}
