import { spawnSync } from 'node:child_process';
import { createHmac, generateKeyPairSync, hash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createSession,
  formatLedgerLine,
  instantFromMicros,
  makeApiKey,
  type RecordDraft,
  readApiKey,
  receivedKey,
  recordKey,
  ZERO_HASH,
} from '@vantio/schema';
import { readLines } from '../../sdk/cli/dist/ledger/read-lines.js';
import { verifyLedger } from '../../sdk/cli/dist/verify/verify-ledger.js';
import { callDraft } from './call-draft.ts';
import { measureFullVerification } from './full-verification.ts';
import { printRow } from './row.ts';

/**
 * `vantio verify` beside a loop that makes only the digests it needs, over the same file in the same runtime.
 * VERIFY_RECORDS sets the size; memory is measured in a process of its own at a tenth of it and at all of it.
 */
const RECORDS = Number(process.env.VERIFY_RECORDS ?? 5_000_000);
const SESSIONS = 4;
const HEAD_EVERY = 500;

function measureAll(): void {
  const folder = mkdtempSync(join(tmpdir(), 'vantio-bench-'));
  try {
    const apiKey = makeApiKey(
      { tenantId: 'bench', plan: 'local' },
      generateKeyPairSync('ed25519').privateKey,
    );
    const [small, big] = [join(folder, 'small.ndjson'), join(folder, 'big.ndjson')];
    writeLedger(small, apiKey, RECORDS / 10);
    writeLedger(big, apiKey, RECORDS);
    measureRate(small, apiKey);
    measureRates(big, apiKey);
    compareMemory(small, big, apiKey);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function draft(at: number): RecordDraft {
  if (at % HEAD_EVERY === HEAD_EVERY - 1)
    return {
      event_type: 'session_head',
      action_taken: 'RECORDED',
      evidence: 'observed',
      trace_origin: 'none',
    } as RecordDraft;
  return callDraft(at);
}

function writeLedger(file: string, apiKey: string, records: number): void {
  const { tenantId, keyId } = readApiKey(apiKey);
  const macKey = recordKey(apiKey);
  const key = receivedKey(apiKey);
  const sessions = Array.from({ length: SESSIONS }, () =>
    createSession({
      tenantId,
      keyId,
      source: 'sdk_node',
      recordKey: macKey,
      sessionKey: generateKeyPairSync('ed25519').privateKey,
    }),
  );
  const out = openSync(file, 'w');
  let previous = ZERO_HASH;
  let lines = '';
  for (let at = 0; at < records; at++) {
    const session = sessions[at % SESSIONS];
    if (session === undefined) break;
    const micros = 1_767_323_045_000_000 + at * 10;
    const start = {
      event_type: 'session_start',
      action_taken: 'RECORDED',
      evidence: 'observed',
      trace_origin: 'none',
      session_public_key: session.publicKey,
      emitter: 'bench',
      emitter_version: '1',
    } as RecordDraft;
    const sealed = session.seal(at < SESSIONS ? start : draft(Math.floor(at / SESSIONS)), micros);
    const line = formatLedgerLine({
      canonical: sealed.canonical,
      recordMac: sealed.mac,
      receivedAt: instantFromMicros(micros + 1000),
      key,
      previous,
    });
    previous = line.receivedMac;
    lines += `${line.text}\n`;
    if (lines.length > 1 << 20) {
      writeSync(out, lines);
      lines = '';
    }
  }
  writeSync(out, lines);
  closeSync(out);
}

/** @returns seconds. */
function time(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function measureRate(file: string, apiKey: string): number {
  return time(() => {
    const { verdict } = verifyLedger({
      files: [{ path: file, writer: file }],
      apiKeys: [apiKey],
      sessionRoots: [],
      expectHeads: [],
    });
    if (verdict === 'rejected') throw new Error('the benchmark made a ledger that does not verify');
  });
}

// {"received_at":"…27…","received_mac":"…64…","record": … ,"record_mac":"…64…"}
const RECORD_AT = 136;
const TAIL = 81;
const RECORD_PREFIX = 'vantio/record/v1\0';

/**
 * Only the digests that verifying makes: the HMACs of record and line, and the RecordHash, by node:crypto's own calls.
 * The lines are at hand: reading them is not timed.
 */
function neededDigests(file: string, apiKey: string): number {
  const macKey = recordKey(apiKey);
  const received = receivedKey(apiKey);
  let previous = ZERO_HASH;
  return timeParts(file, (line) => {
    const canonical = line.slice(RECORD_AT, -TAIL);
    const mac = createHmac('sha256', macKey).update(canonical).digest('hex');
    hash('sha256', RECORD_PREFIX + canonical, 'hex');
    previous = createHmac('sha256', received)
      .update(previous + line.slice(16, 43) + mac)
      .digest('hex');
  });
}

/** One HMAC and two SHA-256 over the record, as a ledger whose lines were not chained would need. */
function unchainedDigests(file: string, apiKey: string): number {
  const macKey = recordKey(apiKey);
  return timeParts(file, (line) => {
    const canonical = line.slice(RECORD_AT, -TAIL);
    createHmac('sha256', macKey).update(canonical).digest('hex');
    hash('sha256', RECORD_PREFIX + canonical, 'hex');
    hash('sha256', canonical, 'hex');
  });
}

function timeParts(file: string, digest: (line: string) => void): number {
  let seconds = 0;
  for (const part of partsOf(file))
    seconds += time(() => {
      for (const line of part) digest(line);
    });
  return seconds;
}

function* partsOf(file: string): Iterable<string[]> {
  let part: string[] = [];
  for (const line of readLines(file, { maxBytes: 1 << 16 })) {
    if (line.kind === 'text') part.push(line.text);
    if (part.length < 10_000) continue;
    yield part;
    part = [];
  }
  yield part;
}

function measureRates(file: string, apiKey: string): void {
  // Twice in turn, the better of each: the page cache and the machine's other work weigh on both alike.
  const verifies: number[] = [];
  const needed: number[] = [];
  const unchained: number[] = [];
  for (let round = 0; round < 2; round++) {
    verifies.push(measureRate(file, apiKey));
    needed.push(neededDigests(file, apiKey));
    unchained.push(unchainedDigests(file, apiKey));
  }
  const rate = (seconds: readonly number[]): number => RECORDS / Math.min(...seconds);
  const text = (perSecond: number): string =>
    `${Math.round(perSecond).toLocaleString('en-US')} records/s`;
  const what = `verify, ${RECORDS.toLocaleString('en-US')} records of ${SESSIONS} sessions`;
  const ratio = rate(verifies) / rate(needed);
  printRow({
    what,
    measured: text(rate(verifies)),
    against: `only its digests (2 HMACs, a SHA-256) ${text(rate(needed))}`,
    ratio,
    target: '≥ 0.4 ×',
    met: ratio >= 0.4,
  });
  printRow({
    what,
    measured: text(rate(verifies)),
    against: `1 HMAC and 2 SHA-256 ${text(rate(unchained))}`,
    ratio: rate(verifies) / rate(unchained),
  });
}

function measureMemory([file = '', keyFile = '']: readonly string[]): void {
  measureRate(file, readFileSync(keyFile, 'utf8'));
  process.stdout.write(`${process.resourceUsage().maxRSS}\n`);
}

function compareMemory(small: string, big: string, apiKey: string): void {
  const keyFile = `${small}.key`;
  const out = openSync(keyFile, 'w', 0o600);
  writeSync(out, apiKey);
  closeSync(out);
  const [few, many] = [small, big].map((file) => {
    const { stdout } = spawnSync(
      process.execPath,
      [import.meta.filename, 'memory', file, keyFile],
      { encoding: 'utf8' },
    );
    return Number(stdout) / 1024;
  });
  const ratio = (many ?? 0) / (few ?? 1);
  printRow({
    what: `verify, peak memory at ${RECORDS.toLocaleString('en-US')} records (${Math.round(statSync(big).size / 1e6)} MB)`,
    measured: `${many?.toFixed(0)} MiB`,
    against: `a tenth of the records ${few?.toFixed(0)} MiB`,
    ratio,
    target: '≤ 1.3 ×',
    met: ratio <= 1.3,
  });
}

const [, , mode, ...rest] = process.argv;
if (mode === 'memory') measureMemory(rest);
else {
  measureAll();
  await measureFullVerification(Math.min(RECORDS, 1_000_000));
}
