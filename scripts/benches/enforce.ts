/**
 * fetch under a policy beside bare fetch, OpenTelemetry and Zen: every candidate is a process that runs a block of calls
 * when it is its turn, many times around, so that whatever else the machine does falls on all alike.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeApiKey } from '../../schema/src/api-key.ts';
import { CHAT_BODY } from './redact/texts.ts';
import { printRow } from './row.ts';

type Candidate = 'bare' | 'vantio' | 'otel' | 'zen';
type Body = 'values' | 'plain';
/** Microseconds of one call. */
type Cost = { readonly wall: number; readonly cpu: number; readonly after: number };

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROUNDS = Number(process.env.VANTIO_BENCH_ROUNDS ?? 25);
/** Fewer calls than one flush takes. */
const CALLS = 200;
const WARM_UPS = 8;
const CANDIDATES: readonly Candidate[] = ['bare', 'vantio', 'otel', 'zen'];
const scratch = mkdtempSync(join(tmpdir(), 'vantio-bench-'));

const policy = {
  v: 1,
  version: 1,
  blocked_hosts: Array.from({ length: 100 }, (_, at) => `*.host-${at}.example.com`),
  redact_pii: {},
};

function environmentOf(who: Candidate): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  if (who === 'zen') return { PATH, AIKIDO_BLOCK: 'true' };
  if (who !== 'vantio') return { PATH };
  const file = join(scratch, 'policy.json');
  writeFileSync(file, JSON.stringify(policy));
  return {
    PATH,
    VANTIO_POLICY_FILE: file,
    VANTIO_OUTPUT_FILE: join(scratch, 'ledger.ndjson'),
    VANTIO_API_KEY: makeApiKey(
      { tenantId: 'bench', plan: 'local' },
      generateKeyPairSync('ed25519').privateKey,
    ),
  };
}

const children: ChildProcess[] = [];

/** @returns the port that the program prints. */
function start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, [...args], {
    cwd: HERE,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)));
  });
}

async function block(port: string, body: Body): Promise<Cost> {
  const answer = await fetch(`http://127.0.0.1:${port}/?calls=${CALLS}&body=${body}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`a candidate failed: ${text}`);
  return JSON.parse(text) as Cost;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function compare(ports: ReadonlyMap<Candidate, string>, body: Body) {
  const costs = new Map<Candidate, Cost[]>(CANDIDATES.map((who) => [who, []]));
  for (let round = -WARM_UPS; round < ROUNDS; round++)
    for (const [who, port] of ports) {
      const cost = await block(port, body);
      if (round >= 0) costs.get(who)?.push(cost);
    }
  return (who: Candidate, kind: keyof Cost): number =>
    median((costs.get(who) ?? []).map((cost) => cost[kind]));
}

const micros = (value: number): string => `${value.toFixed(1)} µs`;
const PEERS = { bare: 'bare', otel: 'OpenTelemetry undici', zen: 'Zen 1.8.36' } as const;
const BOUNDS = { bare: 1.15, otel: 1, zen: 1 } as const;
const KINDS = { wall: "on the caller's path", cpu: 'CPU of the client meanwhile' } as const;

async function fetches(ports: ReadonlyMap<Candidate, string>, body: Body): Promise<void> {
  const cost = await compare(ports, body);
  const kilobytes = (CHAT_BODY.length / 1000).toFixed(1);
  const what = `fetch under a policy, chat body of ${kilobytes} kB ${body === 'values' ? 'with' : 'without'} values`;
  for (const kind of ['wall', 'cpu'] as const)
    for (const peer of ['bare', 'otel', 'zen'] as const) {
      const ratio = cost('vantio', kind) / cost(peer, kind);
      printRow({
        what: `${what}, ${KINDS[kind]}`,
        measured: micros(cost('vantio', kind)),
        against: `${PEERS[peer]} ${micros(cost(peer, kind))}`,
        ratio,
        target: `≤ ${BOUNDS[peer]} ×`,
        met: ratio <= BOUNDS[peer],
      });
    }
  printRow({
    what: `… CPU of the flush behind it, a call's two records sealed and written`,
    measured: micros(cost('vantio', 'after')),
    against: `OpenTelemetry, nothing sealed, ${micros(cost('otel', 'after'))}`,
  });
}

try {
  const port = await start(['enforce/server.mjs'], { PATH: process.env.PATH });
  const url = `http://127.0.0.1:${port}/v1/chat/completions`;
  const ports = new Map<Candidate, string>();
  for (const who of CANDIDATES) {
    const zen = who === 'zen' ? ['-r', '@aikidosec/firewall/instrument'] : [];
    ports.set(who, await start([...zen, 'enforce/candidate.mjs', who, url], environmentOf(who)));
  }
  await fetches(ports, 'values');
  await fetches(ports, 'plain');
} finally {
  for (const child of children) child.kill();
  rmSync(scratch, { recursive: true });
}
