import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { formatLogEntry } from '../../../schema/src/log-entry.ts';
import { sealBatch } from '../../../schema/src/wire/sealed-batch.ts';
import { rowBytes } from './row-bytes.ts';

/** `node src/cost/measure-rows.ts LEDGER.ndjson…`: mean sizes of its records, for infra/SCALE.md. */
const envelopes = process.argv.slice(2).flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): { readonly record: unknown; readonly record_mac: unknown } => JSON.parse(line)),
);
const records = envelopes.map(({ record }) => JSON.stringify(record));
const lines = envelopes.map(({ record, record_mac }) => JSON.stringify({ record, record_mac }));
const header = { tenant_id: 'acme', key_id: '0'.repeat(16), received_at: '2026-01-01T00:00:00Z' };
const { privateKey } = generateKeyPairSync('ed25519');

const at = '2026-01-01T00:00:00.000000Z';
const entryBytes = (canonical: string): number =>
  formatLogEntry({ commitTimestamp: at, receivedAt: at, canonical, mac: '0'.repeat(64) }).length;
const mean = (size: (canonical: string) => number): number =>
  Math.round(records.reduce((total, record) => total + size(record), 0) / records.length);
console.log(
  [
    `records ${records.length}`,
    `canonical ${mean((record) => record.length)}`,
    `message ${Math.round(sealBatch(header, lines, privateKey).length / records.length)}`,
    `row ${mean((record) => rowBytes(record).row)}`,
    `indexes ${mean((record) => rowBytes(record).indexes)}`,
    `leaf ${mean((record) => rowBytes(record).leaf)}`,
    `entry ${mean((record) => entryBytes(record))}`,
  ].join(', '),
);
