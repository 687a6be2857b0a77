import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '../testing/certificate.ts';
import { scratch } from '../testing/run-agent.ts';
import { type Cell, type Row, renderCoverage } from './coverage-table.ts';
import { CASES, type Case } from './testing/cases.ts';
import { type Counted, startCounting } from './testing/counting-servers.ts';
import { USED } from './testing/provider.ts';
import { type Enforced, linesOf, runEnforced, traceOf } from './testing/run-enforced.ts';
import { callEachTool, MCP_CLIENTS, toolRows } from './testing/tool-rows.ts';
import type { Called } from './testing/tool-servers.ts';

const ROOM = fileURLToPath(new URL('../../', import.meta.url));
const MAJOR = process.versions.node.split('.')[0] ?? '';
const VERSIONS = ['20', '22', '24', '26'];
const UPDATE = process.env.VANTIO_UPDATE_COVERAGE === '1';
const SECRET = 'alice@example.com';
/** Retries of the clients themselves: each is refused without a connection. */
const MOST_ATTEMPTS = 4;

type Said = {
  readonly name: string;
  readonly text?: string;
  readonly codes?: readonly string[];
  readonly message?: string;
  readonly ms: number;
};

type Phase = { readonly ran: Enforced; readonly servers: ReadonlyMap<string, Counted> };
let forbidden: Phase;
let allowed: Phase;
let tools: Called;

/** Calls every client once under a policy, each against a server of its own. */
async function callAll(policy: object): Promise<Phase> {
  const certificate = makeCertificate();
  const authority = join(scratch(), 'ca.pem');
  writeFileSync(authority, certificate.cert);
  const servers = new Map<string, Counted>();
  for (const [name, { server }] of Object.entries(CASES))
    servers.set(name, await startCounting(server, certificate));
  const at = Object.fromEntries([...servers].map(([name, server]) => [name, server.at]));
  const ran = await runEnforced('enforced/clients.mjs', policy, {
    args: [JSON.stringify({ at })],
    env: { NODE_EXTRA_CA_CERTS: authority },
  });
  return { ran, servers };
}

before(async () => {
  const redact_pii = {
    entities: ['email'],
    action: 'token',
    walk_hosts: ['127.0.0.1', 'localhost'],
  };
  [forbidden, allowed] = await Promise.all([
    callAll({ v: 1, version: 1, blocked_hosts: ['127.0.0.0/8', 'unix:/*'] }),
    callAll({ v: 1, version: 2, redact_pii }),
  ]);
  tools = await callEachTool();
});

const saidOf = (name: string, { stdout, ...ran }: Enforced): Said | undefined =>
  linesOf<Said>({ stdout, ...ran }).find((said) => said.name === name);

const isAbsent = (said: Said | undefined): boolean =>
  said === undefined || /WebSocket is not defined/.test(said.message ?? '');

function rowOf(client: string, kind: Case): Row {
  const free = saidOf(client, allowed.ran);
  const cells = isAbsent(free)
    ? {
        seen: 'no such client',
        blocked: '—',
        rewritten: '—',
        'usage read': '—',
        'trace attributed': '—',
      }
    : {
        seen: seen(client),
        blocked: blocked(client),
        rewritten: kind.body ? rewritten(client, free) : '—',
        'usage read': kind.model ? usageRead(client) : '—',
        'trace attributed': attributed(client),
      };
  return { client, ...cells };
}

const yes = (holds: boolean): Cell => (holds ? 'yes' : 'missed');

const events = (client: string, ran: Enforced) =>
  traceOf(client, ran).filter(({ event_type }) => event_type !== 'shield_end');

function seen(client: string): Cell {
  const port = allowed.servers.get(client)?.at;
  return yes(
    events(client, allowed.ran).some(
      ({ action_taken, target_port, protocol }) =>
        action_taken === 'OBSERVED' && (target_port === port || protocol === 'unix'),
    ),
  );
}

function blocked(client: string): Cell {
  const said = saidOf(client, forbidden.ran);
  const records = events(client, forbidden.ran).filter(
    ({ action_taken }) => action_taken === 'BLOCKED_HOST',
  );
  const failed = said?.text === undefined;
  return yes(failed && forbidden.servers.get(client)?.connections === 0 && records.length > 0);
}

function rewritten(client: string, said: Said | undefined): Cell {
  const asked = allowed.servers.get(client)?.asked ?? [];
  const body = asked.map((each) => String(each.body)).join('\n');
  if (events(client, allowed.ran).some(({ unscanned_reason }) => unscanned_reason === 'signed'))
    return 'signed: guardBedrock';
  if (events(client, allowed.ran).some(({ unscanned_reason }) => unscanned_reason === 'error'))
    return 'unmeasured';
  return yes(body !== '' && !body.includes(SECRET) && said?.text?.includes(SECRET) === true);
}

function usageRead(client: string): Cell {
  const calls = events(client, allowed.ran).filter(({ event_type }) => event_type === 'llm_call');
  const [call, ...others] = calls;
  return yes(
    others.length === 0 &&
      call !== undefined &&
      Object.entries(USED).every(([name, count]) => call[name as keyof typeof USED] === count),
  );
}

const attributed = (client: string): Cell =>
  yes(
    events(client, allowed.ran).length > 0 &&
      events(client, forbidden.ran).some(({ action_taken }) => action_taken === 'BLOCKED_HOST'),
  );

const rows = (): readonly Row[] => [
  ...Object.entries(CASES).map(([client, kind]) => rowOf(client, kind)),
  ...toolRows(tools),
];

test('every client works under a policy that lets it go', () => {
  assert.equal(allowed.ran.code, 0, allowed.ran.stderr);
  for (const client of Object.keys(CASES)) {
    const said = saidOf(client, allowed.ran);
    if (!isAbsent(said)) assert.equal(said?.message, undefined, `${client}: ${said?.message}`);
  }
});

test('what is refused fails with our error, or in its words, and without a storm of retries', () => {
  assert.equal(forbidden.ran.code, 0, forbidden.ran.stderr);
  for (const client of Object.keys(CASES)) {
    const said = saidOf(client, forbidden.ran);
    if (isAbsent(said)) continue;
    // Of why a WebSocket fails the platform tells nothing.
    if (client !== 'WebSocket')
      assert.ok(
        said?.codes?.includes('BLOCKED_HOST'),
        `${client}: ${said?.codes} ${said?.message}`,
      );
    const attempts = events(client, forbidden.ran).filter(
      ({ action_taken }) => action_taken === 'BLOCKED_HOST',
    ).length;
    assert.ok(attempts <= MOST_ATTEMPTS, `${client}: ${attempts} attempts`);
  }
});

test('a tool that is refused fails with our error as it is, and says what is allowed', () => {
  assert.equal(tools.ran.code, 0, tools.ran.stderr);
  for (const { name, failed } of tools.said) assert.equal(failed, undefined, `${name}: ${failed}`);
  for (const client of Object.keys(MCP_CLIENTS)) {
    const refused = tools.said.filter(({ name, code }) => name === client && code !== undefined);
    assert.deepEqual(
      refused.map(({ tool }) => tool),
      ['delete_all', 'delete_all'],
      client,
    );
    for (const { reason, trace } of refused) {
      assert.match(
        reason ?? '',
        /not among those that policy allows.* Allowed tools: echo of server test-\*, wrong\./,
      );
      assert.match(trace ?? '', /^[0-9a-f]{32}$/);
    }
  }
  assert.equal(
    tools.ran.records.filter(({ event_type }) => event_type === 'llm_call').length,
    0,
    'a tool is no model',
  );
});

test('the table is what was found, and no cell is missed', () => {
  const found = rows();
  const folder = join(ROOM, 'coverage');
  const file = join(folder, `node-${MAJOR}.json`);
  if (UPDATE) {
    if (!existsSync(folder)) mkdirSync(folder);
    writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
  }
  const missed = found.filter((row) => Object.values(row).includes('missed'));
  assert.deepEqual(missed, []);
  assert.deepEqual(found, JSON.parse(readFileSync(file, 'utf8')));
});

test('COVERAGE.md is what was found on every version', () => {
  const versions = new Map(
    readdirSync(join(ROOM, 'coverage')).map((name) => [
      /\d+/.exec(name)?.[0] ?? '',
      JSON.parse(readFileSync(join(ROOM, 'coverage', name), 'utf8')) as Row[],
    ]),
  );
  const text = renderCoverage(versions, VERSIONS);
  if (UPDATE) writeFileSync(join(ROOM, 'COVERAGE.md'), text);
  assert.equal(readFileSync(join(ROOM, 'COVERAGE.md'), 'utf8'), text);
});
