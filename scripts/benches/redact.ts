import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ADVERSARIES } from '@vantio/schema/redact/adversaries';
import { createRedactor } from '@vantio/schema/redact/create-redactor';
import { BUILT_IN_ENTITIES } from '@vantio/schema/redact/entity';
import { scan } from '@vantio/schema/redact/scan';
import { installPythonTool } from '../setup/python-tool.ts';
import { CHAT_BODY, PLAIN_TEXT } from './redact/texts.ts';
import { printRow } from './row.ts';

const PRESIDIO = 'presidio-analyzer==2.2.366';
const MEGABYTE = 1_000_000;
const ROUNDS = 15;

/** The quickest of the rounds, in seconds: other work of the machine only ever adds to it. */
function best(work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    work();
    least = Math.min(least, Number(process.hrtime.bigint() - start) / 1e9);
  }
  return least;
}

const flat = (text: string, length: number): string =>
  Buffer.from(text.repeat(Math.ceil(length / text.length)).slice(0, length)).toString('utf8');
const megabytes = (perSecond: number): string =>
  `${perSecond.toFixed(perSecond < 10 ? 2 : 0)} MB/s`;

function ours(): number {
  const text = flat(PLAIN_TEXT, MEGABYTE);
  if (scan(text).length > 0) throw new Error('the text to measure with has a value in it');
  return 1 / best(() => scan(text));
}

function redactPii(): number {
  const { SyncRedactor } = createRequire(import.meta.url)('redact-pii') as {
    SyncRedactor: new () => { readonly redact: (text: string) => string };
  };
  const redactor = new SyncRedactor();
  const lines = flat(PLAIN_TEXT, MEGABYTE / 10).split('\n');
  return (
    0.1 /
    best(() => {
      for (const line of lines) redactor.redact(line);
    })
  );
}

async function presidio(): Promise<number | undefined> {
  // Its dependency brings the program by which the installation is known to be whole.
  const tool = await installPythonTool(PRESIDIO, 'spacy');
  if (tool.kind === 'missing') return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'vantio-bench-'));
  try {
    const lines = join(folder, 'lines.txt');
    writeFileSync(lines, flat(PLAIN_TEXT, 50_000));
    const program = join(dirname(tool.program), 'python3');
    const { stdout, status } = spawnSync(program, ['scripts/benches/redact/presidio.py', lines], {
      encoding: 'utf8',
    });
    const seconds = Number(stdout.trim().split('\n').at(-1));
    return status === 0 && seconds > 0 ? 0.05 / seconds : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function worst(): { readonly name: string; readonly ms: number } {
  const times = Object.entries(ADVERSARIES).map(([name, part]) => {
    const text = flat(part, MEGABYTE);
    return { name, ms: best(() => scan(text)) * 1000 };
  });
  return times.reduce((one, other) => (one.ms > other.ms ? one : other));
}

function body(): number {
  const redactor = createRedactor({ entities: BUILT_IN_ENTITIES, replacement: { action: 'mask' } });
  const bytes = new TextEncoder().encode(CHAT_BODY);
  const facts = {
    provider: 'openai',
    contentType: 'application/json',
    maxBytes: MEGABYTE,
  } as const;
  const many = 200;
  return (
    best(() => {
      for (let one = 0; one < many; one++) redactor.body(bytes, facts);
    }) *
    (1e6 / many)
  );
}

const what = `redaction, all entities on, text without values`;
const rate = ours();
printRow({ what, measured: megabytes(rate), target: '≥ 80 MB/s', met: rate >= 80 });
const theirs = redactPii();
printRow({
  what,
  measured: megabytes(rate),
  against: `redact-pii ${megabytes(theirs)}`,
  ratio: rate / theirs,
  target: '≥ 10 ×',
  met: rate / theirs >= 10,
});
const presidios = await presidio();
if (presidios === undefined) console.log(`${PRESIDIO} could not be installed: it is not measured`);
else
  printRow({
    what,
    measured: megabytes(rate),
    against: `Presidio's patterns, no language model ${megabytes(presidios)}`,
    ratio: rate / presidios,
    target: '≥ 500 ×',
    met: rate / presidios >= 500,
  });
const { name, ms } = worst();
printRow({
  what: `redaction, worst of ${Object.keys(ADVERSARIES).length} hostile texts of 1 MB (${name})`,
  measured: `${ms.toFixed(0)} ms`,
  target: '< 100 ms',
  met: ms < 100,
});
printRow({
  what: `redaction of a chat body of ${(CHAT_BODY.length / 1000).toFixed(1)} kB, values in it`,
  measured: `${body().toFixed(1)} µs`,
});
