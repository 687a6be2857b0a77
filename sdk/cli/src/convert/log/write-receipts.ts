import { recordHash } from '@vantio/schema/hash';
import { createTreeReader } from '@vantio/schema/tlog/tree-reader';
import { verifyInclusion } from '@vantio/schema/tlog/verify-proof';
import type { SoundLine } from '../../import/read-sound-lines.ts';
import { formatBytes, plural } from '../../terminal/quantities.ts';
import type { Made, Source } from '../form.ts';
import { writeNewFile } from '../new-file.ts';
import { coseReceipt, type Inclusion } from './cose-receipt.ts';
import { createEntryWalker } from './entry-walker.ts';
import { type Log, type LogKey, ofLog, openLog, readLogKey, writerOf } from './open-log.ts';
import { createTileCache } from './tile-cache.ts';

type Prover = {
  /** Undefined for a line that the checkpoint does not cover. */
  readonly prove: (line: SoundLine) => Promise<Inclusion | undefined>;
  /** @returns lines without a proof. */
  readonly finish: () => number;
};

/**
 * Writes a COSE receipt for every line that a checkpoint covers, one after the other (a CBOR sequence, RFC 8742). Each proof is
 * held to the line and to the signed root before it is signed.
 * @throws {CliError}
 */
export async function writeReceipts(out: string, source: Source, stateDir: string): Promise<Made> {
  const key = await readLogKey(stateDir, writerOf(source));
  const issuedAt = Math.floor(Date.now() / 1000);
  const provers = await openProvers(source, key);
  const { bytes, filled } = await writeNewFile(out, async (write) => {
    let count = 0;
    for (const line of source.lines()) {
      const inclusion = await provers.get(line.file.writer)?.prove(line);
      if (inclusion === undefined) continue;
      const { record, canonical } = line.parsed;
      const subject = {
        tenantId: record.tenant_id,
        eventId: record.event_id,
        recordHash: Buffer.from(recordHash(canonical), 'hex'),
      };
      await write(coseReceipt(inclusion, subject, key, issuedAt));
      count++;
    }
    const unsealed = [...provers.values()].reduce((sum, { finish }) => sum + finish(), 0);
    return { receipts: count, unsealed };
  });
  const { receipts, unsealed } = filled;
  return {
    lines: [
      `${out}  ${plural(receipts, 'receipt')}  ${formatBytes(bytes)}`,
      ...(unsealed === 0 ? [] : [`${plural(unsealed, 'line')} without one: after the checkpoint`]),
    ],
    json: { out, receipts, unsealed, bytes },
  };
}

async function openProvers({ files }: Source, key: LogKey): Promise<ReadonlyMap<string, Prover>> {
  const provers = new Map<string, Prover>();
  for (const { writer } of files)
    if (!provers.has(writer)) provers.set(writer, await openProver(await openLog(writer, key)));
  return provers;
}

async function openProver(log: Log): Promise<Prover> {
  const { checkpoint, directory, files } = log;
  const { origin, size, root } = checkpoint;
  const tree = createTreeReader(size, await createTileCache(files));
  const walker = await createEntryWalker(log);
  return {
    prove: async ({ text }) => {
      const { index, hash, sealed } = walker.next(text);
      if (!sealed) return undefined;
      try {
        const path = await tree.inclusion(index);
        verifyInclusion({ index, size, leaf: hash, hashes: path, root });
        return { origin, size, index, path, root };
      } catch (error) {
        throw ofLog(directory, error);
      }
    },
    finish: walker.finish,
  };
}
