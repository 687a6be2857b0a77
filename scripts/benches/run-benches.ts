import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem, type } from 'node:os';
import { createInterface } from 'node:readline';
import { type Row, readRow } from './row.ts';
import { table } from './table.ts';

const BENCHES = [
  'ingest',
  'sdk',
  'verify',
  'seal',
  'proof',
  'policy',
  'redact',
  'enforce',
  'cloud',
  'agent',
] as const;
type Bench = (typeof BENCHES)[number];
const REPORT = 'scripts/bench.md';

function machine(): string {
  const [cpu] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${gib} GiB, ${type()}, Node ${process.versions.node}, ${day}`;
}

async function runBench(bench: Bench): Promise<Row[]> {
  const child = spawn(process.execPath, ['--expose-gc', `scripts/benches/${bench}.ts`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const rows: Row[] = [];
  const closed = new Promise<number>((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', (code) => resolve(code ?? -1));
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const row = readRow(line);
    if (row === undefined) console.error(`  ${line}`);
    else rows.push(row);
  }
  const status = await closed;
  if (status !== 0) throw new Error(`scripts/benches/${bench}.ts ended with ${status}`);
  return rows;
}

function section(bench: Bench, rows: readonly Row[]): string {
  return `## ${bench}\n\n${machine()}\n\n${table(rows)}\n`;
}

/** The sections of the last report, so that running one benchmark keeps what the others said. */
function lastSections(): Map<string, string> {
  if (!existsSync(REPORT)) return new Map();
  const [, ...parts] = readFileSync(REPORT, 'utf8').split(/^## /m);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), `## ${part}`]));
}

const HEAD = `# Speed and memory

Written by \`scripts/bench\`. Ratios are measured side by side in one run; absolute numbers are the machine's.
Of \`shield()\` and \`fetch\` the time on the caller's path is compared: both sides flush between blocks of 400 calls, outside
the clock, and the CPU of all of it stands beside. Of \`enforce\` likewise, in blocks of 200 that the candidates run by turns.
INGEST_EVENTS, VERIFY_RECORDS and VANTIO_BENCH_ROUNDS make a run smaller.

`;

const asked = process.argv.slice(2);
const unknown = asked.find((word) => !(BENCHES as readonly string[]).includes(word));
if (unknown !== undefined) {
  console.error(`${unknown} is no benchmark: name any of ${BENCHES.join(', ')}, or none for all`);
  process.exit(64);
}
const sections = lastSections();
let missed = 0;
for (const bench of BENCHES.filter((name) => asked.length === 0 || asked.includes(name))) {
  console.error(`· measuring ${bench}`);
  const rows = await runBench(bench);
  missed += rows.filter(({ met }) => met === false).length;
  console.log(`\n${section(bench, rows)}`);
  sections.set(bench, section(bench, rows));
}
const kept = BENCHES.flatMap((bench) => sections.get(bench)?.trimEnd() ?? []);
writeFileSync(REPORT, `${HEAD}${kept.join('\n\n')}\n`);
console.log(`written to ${REPORT}; targets not met: ${missed}`);
