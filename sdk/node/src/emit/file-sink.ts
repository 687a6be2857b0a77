import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { formatLedgerLine, instantFromMicros, receivedKey } from '@vantio/schema/emitter';
import { debug } from '../context/debug.ts';
import { dateNow } from '../context/main-realm.ts';
import { lose } from '../record/queue.ts';
import { backoff } from './backoff.ts';
import type { Batch } from './sealing.ts';
import type { Sink } from './sink.ts';

const ZERO = '0'.repeat(64);
const MODE = 0o600;

/**
 * Straight to NDJSON, no server: appended and fsynced at each flush. Each session has a file of its own in the ledger's
 * family, `name.w-<first 16 digits of the session id>.ndjson`, so that no two writers share one.
 */
export function createFileSink(
  path: string,
  apiKey: string,
  tenantId: string,
  onRefused: () => void,
): Sink {
  const stem = path.replace(/\.ndjson$/, '');
  const key = receivedKey(apiKey);
  let sessionId = '';
  let previous = ZERO;
  let failures = 0;
  let notBefore = 0;

  function put(batch: Batch): void {
    if (batch.sessionId !== sessionId) {
      sessionId = batch.sessionId;
      previous = ZERO;
    }
    try {
      write(batch);
      failures = 0;
    } catch (error) {
      // The chain has a hole: the rest is told in a new session, in a new file.
      notBefore = dateNow() + backoff(failures++, 0);
      lose('spool_unwritable', batch.events);
      for (const [reason, count] of batch.losses) lose(reason, count);
      onRefused();
      debug('VANTIO_OUTPUT_FILE cannot be written', error);
    }
  }

  function write({ items }: Batch): void {
    const name = `${stem}.w-${sessionId.slice(0, 16)}`;
    const receivedAt = instantFromMicros(dateNow() * 1000);
    let lines = '';
    let disclosures = '';
    for (const { sealed, disclosures: beside } of items) {
      const { canonical, mac, record } = sealed;
      const line = formatLedgerLine({ canonical, recordMac: mac, receivedAt, key, previous });
      previous = line.receivedMac;
      lines += `${line.text}\n`;
      for (const { field, salt, value } of beside)
        disclosures += `{"event_id":"${record.event_id}","field":"${field}","salt":"${salt}","tenant_id":"${tenantId}","value":${JSON.stringify(value)}}\n`;
    }
    if (disclosures !== '') append(`${name}.disclosures.ndjson`, disclosures);
    append(`${name}.ndjson`, lines);
  }

  return {
    hasRoom: () => dateNow() >= notBefore,
    put,
    deliver: async () => {},
    persist: () => {},
    retryIn: () => (failures > 0 ? Math.max(0, notBefore - dateNow()) : undefined),
  };
}

/** All of the text or nothing of it: what a disk took before it was full is cut off again. */
function append(file: string, text: string): void {
  const fd = openSync(file, 'a', MODE);
  try {
    const before = fstatSync(fd).size;
    try {
      const bytes = Buffer.from(text);
      let at = 0;
      while (at < bytes.length) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } catch (error) {
      ftruncateSync(fd, before);
      throw error;
    }
  } finally {
    closeSync(fd);
  }
}
