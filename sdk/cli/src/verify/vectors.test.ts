import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type {
  LedgerFileVector,
  ledgerFileVectors,
} from '@vantio/schema/vectors/ledger-file-vectors';
import type { LedgerVector } from '@vantio/schema/vectors/ledger-vectors';
import type { LogVector, logVectors } from '@vantio/schema/vectors/log-vectors';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { verify } from '../testing/verify-in-process.ts';
import type { VerifyOptions } from './run-verify.ts';

const folder = new URL('../../../vectors/', import.meta.url);
const load = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T;

type File = LogVector['put'][number];
type Expected = { readonly name: string; readonly verdict: string; readonly findings: unknown };
type Placed = { readonly options: Partial<VerifyOptions>; readonly directory: string };

function place(t: TestContext, files: readonly File[], lists: Record<string, readonly string[]>) {
  const directory = temporaryDirectory(t);
  for (const file of files) {
    const path = join(directory, file.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'text' in file ? file.text : Buffer.from(file.base64, 'base64'));
  }
  const options: Record<string, readonly string[]> = {};
  for (const [name, lines] of Object.entries(lists)) {
    if (lines.length === 0) continue;
    const path = join(directory, `${name}.txt`);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    options[name] = [path];
  }
  return { directory, options };
}

async function holds({ directory, options }: Placed, expected: Expected): Promise<void> {
  const { verdict, findings } = await verify(join(directory, 'ledger.ndjson'), options);
  const rows = findings.map(({ check, severity, file, line }) =>
    JSON.stringify([check, severity, file ? relative(directory, file) : null, line ?? null]),
  );
  for (const { message } of findings) assert.match(message, /^[^\n]{3,250}$/);
  const wanted = (expected.findings as readonly unknown[]).map((row) => JSON.stringify(row));
  assert.deepEqual(
    { verdict, findings: rows.sort() },
    { verdict: expected.verdict, findings: wanted.sort() },
  );
}

describe('vantio verify finds in the files of logs.json what the text says:', () => {
  const { base, accept, reject } = load<ReturnType<typeof logVectors>>('logs.json');
  for (const vector of [...accept, ...reject])
    test(vector.name, async (t) => {
      const changed = new Set([...vector.remove, ...vector.put.map(({ name }) => name)]);
      const files = [...base.files.filter(({ name }) => !changed.has(name)), ...vector.put];
      const { vkeys: vkey, witnesses: witness } = vector;
      const placed = place(t, files, { keyFile: base.api_keys, vkey, witness });
      const paths = (names: readonly string[]) => names.map((name) => join(placed.directory, name));
      const options = {
        ...placed.options,
        sessionRoot: base.session_roots,
        checkpoint: paths(vector.checkpoints),
        receipts: paths(vector.receipts),
      };
      await holds({ ...placed, options }, vector);
    });
});

describe('vantio verify finds in the files of ledger-files.json what the text says:', () => {
  const { accept, reject } = load<ReturnType<typeof ledgerFileVectors>>('ledger-files.json');
  for (const vector of [...accept, ...reject] as readonly LedgerFileVector[])
    test(vector.name, async (t) =>
      holds(place(t, vector.files, { keyFile: vector.api_keys }), vector),
    );
});

describe('vantio verify finds in the ledgers of the vectors what the text says:', () => {
  for (const file of ['ledgers.accept.json', 'ledgers.reject.json'])
    for (const vector of load<readonly LedgerVector[]>(file))
      test(vector.name, async (t) => {
        const text = vector.lines.map((line) => `${line}\n`).join('');
        const files = [{ name: 'ledger.ndjson', text }];
        const placed = place(t, files, { keyFile: vector.api_keys });
        const options = {
          ...placed.options,
          sessionRoot: vector.session_roots,
          expectHead: vector.expect_heads.map((pin) => `${pin.session_id}:${pin.seq}:${pin.hash}`),
        };
        const findings = vector.findings.map(([check, severity, line]) => [
          check,
          severity,
          line === null ? null : 'ledger.ndjson',
          line,
        ]);
        await holds({ ...placed, options }, { ...vector, findings });
      });
});
