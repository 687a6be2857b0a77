import { createLogReader, type LogReader } from '../../log/log-reader.ts';
import type { NdjsonStore } from '../ndjson/store.ts';
import { createFindLeaf } from './find-leaf.ts';
import type { LocalLog } from './open-local-log.ts';

/** Serves a local log; where an event's line is, the ledger's own index knows. */
export function createLocalLogReader({ files, verifier }: LocalLog, store: NdjsonStore): LogReader {
  const findLeaf = createFindLeaf(files, store.family.log, store);
  return createLogReader(files, verifier, async (tenantId, eventId, size) => {
    const place = store.find(tenantId, eventId);
    return place && findLeaf(place, size);
  });
}
