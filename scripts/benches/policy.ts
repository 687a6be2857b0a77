/**
 * Decisions on hosts, and what a policy costs to hold. node --expose-gc scripts/benches/policy.ts [--decisions 200000]
 */
import { parseArgs } from 'node:util';
import { compilePolicy } from '@vantio/schema/policy/compile-policy';
import { parsePolicy } from '@vantio/schema/policy/parse-policy';
import { count, percentile } from './load.ts';
import { printRow } from './row.ts';

const { values } = parseArgs({ options: { decisions: { type: 'string', default: '200000' } } });
const DECISIONS = Number(values.decisions);
/** So many decisions are timed at once: a clock read costs a good part of one. */
const AT_ONCE = 20;

const hostAt = (at: number): string => `host-${at}.region-${at % 17}.example.com`;

/** Exact names and suffixes by turns, and a range that makes addresses count. */
const policyOf = (rules: number): string =>
  JSON.stringify({
    v: 1,
    version: 1,
    blocked_hosts: Array.from({ length: rules }, (_, at) =>
      at % 2 === 0 ? hostAt(at) : `*.${hostAt(at)}`,
    ),
  });

/** Hosts as clients ask for them: most allowed, some blocked, some in another spelling. */
const ASKED = [
  'api.openai.com',
  'api.anthropic.com',
  'generativelanguage.googleapis.com',
  'bedrock-runtime.eu-central-1.amazonaws.com',
  hostAt(0),
  `x.${hostAt(1)}`,
  'API.OpenAI.com.',
  '203.0.113.7',
];

function measure(rules: number): number {
  const compiled = compilePolicy(parsePolicy(policyOf(rules)));
  const times: number[] = [];
  for (let round = 0; round * AT_ONCE < DECISIONS; round++) {
    const started = process.hrtime.bigint();
    for (let at = 0; at < AT_ONCE; at++)
      compiled.decideHost({ host: ASKED[at % ASKED.length] ?? '', port: 443 });
    times.push(Number(process.hrtime.bigint() - started) / 1000 / AT_ONCE);
  }
  return percentile(times, 0.5);
}

measure(1);
for (const [rules, target] of [
  [1, 3],
  [1000, 6],
  [100_000, undefined],
] as const) {
  const p50 = measure(rules);
  printRow({
    what: `decide a host by a policy of ${count(rules)} host rule${rules === 1 ? '' : 's'}, p50`,
    measured: `${p50.toFixed(2)} µs`,
    ...(target === undefined ? {} : { target: `< ${target} µs`, met: p50 < target }),
  });
}

const text = policyOf(100_000);
const gc = globalThis.gc ?? (() => undefined);
gc();
const before = process.memoryUsage().heapUsed;
const started = performance.now();
const compiled = compilePolicy(parsePolicy(text));
const took = performance.now() - started;
gc();
const held = (process.memoryUsage().heapUsed - before) / 2 ** 20;
printRow({
  what: `read and compile ${count(100_000)} host rules (${(text.length / 2 ** 20).toFixed(1)} MiB)`,
  measured: `${took.toFixed(0)} ms`,
  against: `${held.toFixed(0)} MiB held after it (${compiled.mode})`,
  target: '< 128 MiB',
  met: held < 128,
});
