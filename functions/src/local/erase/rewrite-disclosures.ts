import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { syncDirectoryOf } from '../ndjson/append-file.ts';
import { openDisclosures, readDisclosures } from './disclosure-file.ts';
import { DRAFT } from './family-files.ts';
import type { IsMeant } from './find-values.ts';

export type RewriteStep = 'drafted' | 'renamed' | 'synced';

const BUFFERED = 1 << 20;

/**
 * Writes a disclosures file anew without what is meant and without a torn last line, and puts it in the place of the old
 * one, whose bytes go with it. A crash leaves the old file or the new one, whole, and at most a draft, which holds nothing
 * that is meant.
 */
export async function rewriteDisclosures(
  path: string,
  isMeant: IsMeant,
  onStep: (step: RewriteStep) => void = () => {},
): Promise<void> {
  const from = openDisclosures(path);
  try {
    const draft = `${path}${DRAFT}`;
    const to = openSync(draft, 'wx', 0o600);
    try {
      fchmodSync(to, fstatSync(from).mode & 0o777);
      const end = copyKept(from, 0, to, isMeant);
      fsyncSync(to);
      onStep('drafted');
      renameSync(draft, path);
      onStep('renamed');
      // An agent that writes its own file takes no lock: what it wrote to the old one while this one was made comes after.
      copyKept(from, end, to, isMeant);
      fsyncSync(to);
    } finally {
      closeSync(to);
    }
    await syncDirectoryOf(path);
    onStep('synced');
  } finally {
    closeSync(from);
  }
}

/** Copies whole lines from an offset on. @returns where the last of them ended. */
function copyKept(from: number, offset: number, to: number, isMeant: IsMeant): number {
  let end = offset;
  let held: Buffer[] = [];
  let bytes = 0;
  const flush = (): void => {
    const block = Buffer.concat(held);
    for (let at = 0; at < block.length; ) at += writeSync(to, block, at);
    held = [];
    bytes = 0;
  };
  for (const stored of readDisclosures(from, offset)) {
    if (stored.isTorn) continue;
    end += stored.bytes.length;
    if (stored.line !== undefined && isMeant(stored.line)) continue;
    held.push(stored.bytes);
    bytes += stored.bytes.length;
    if (bytes >= BUFFERED) flush();
  }
  flush();
  return end;
}
