import { readFileSync } from 'node:fs';
import type { VerifyOptions } from '../verify/run-verify.ts';

/** A ledger named `ledger.ndjson`, and how it is verified. */
export type LedgerCase = {
  readonly name: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly options: Partial<VerifyOptions>;
  /** What the vectors say. */
  readonly verdict?: string;
};

type Head = { readonly session_id: string; readonly seq: number; readonly hash: string };
type Vector = {
  readonly name: string;
  readonly lines?: readonly string[];
  readonly files?: readonly { readonly name: string; readonly text: string }[];
  readonly api_keys: readonly string[];
  readonly session_roots?: readonly string[];
  readonly expect_heads?: readonly Head[];
  readonly verdict: string;
};
type Envelope = { readonly envelope?: string; readonly envelope_hex?: string };

const read = (name: string): unknown =>
  JSON.parse(
    readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), 'utf8'),
  ) as unknown;

const KEYS = 'user.key';

/** Every ledger of `sdk/vectors`; and every record, accepted or not, as a line of one. */
export function vectorLedgers(): readonly LedgerCase[] {
  const files = read('ledger-files') as Readonly<Record<'accept' | 'reject', readonly Vector[]>>;
  const vectors = [
    ...(read('ledgers.accept') as readonly Vector[]),
    ...(read('ledgers.reject') as readonly Vector[]),
    ...files.accept,
    ...files.reject,
  ];
  return [...vectors.map(ledgerCase), ...['accept', 'reject'].map(recordCase)];
}

function ledgerCase({ name, verdict, ...vector }: Vector): LedgerCase {
  const files = vector.files ?? [
    { name: 'ledger.ndjson', text: (vector.lines ?? []).map((line) => `${line}\n`).join('') },
  ];
  return {
    name,
    verdict,
    files: {
      ...Object.fromEntries(files.map((file) => [file.name, Buffer.from(file.text)])),
      [KEYS]: keyFile(vector.api_keys),
    },
    options: {
      keyFile: vector.api_keys.length === 0 ? [] : [KEYS],
      sessionRoot: vector.session_roots ?? [],
      expectHead: (vector.expect_heads ?? []).map(
        ({ session_id, seq, hash }) => `${session_id}:${seq}:${hash}`,
      ),
    },
  };
}

const keyFile = (keys: readonly string[]): Buffer => Buffer.from(`${keys.join('\n')}\n`);

const BEFORE = Buffer.from(
  `{"received_at":"2026-01-02T03:04:05.000000Z","received_mac":"${'0'.repeat(64)}",`,
);

function recordCase(kind: string): LedgerCase {
  const { api_key, records, envelopes } = read(`records.${kind}`) as {
    readonly api_key: string;
    readonly records?: readonly { readonly canonical: string; readonly mac: string }[];
    readonly envelopes?: readonly Envelope[];
  };
  const bodies = [
    ...(records ?? []).map(({ canonical, mac }) =>
      Buffer.from(`{"record":${canonical},"record_mac":"${mac}"}`),
    ),
    ...(envelopes ?? []).map(({ envelope, envelope_hex }) =>
      envelope === undefined ? Buffer.from(envelope_hex ?? '', 'hex') : Buffer.from(envelope),
    ),
  ];
  const lines = bodies.flatMap((body) => [BEFORE, body.subarray(1), Buffer.from('\n')]);
  return {
    name: `records.${kind}.json`,
    files: { 'ledger.ndjson': Buffer.concat(lines), [KEYS]: keyFile([api_key]) },
    options: { keyFile: [KEYS] },
  };
}
