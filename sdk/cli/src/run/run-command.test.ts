import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type AuditRecord, parseLedgerLine } from '@vantio/schema';
import { ledgerFamily } from '../ledger/ledger-family.ts';
import { NODE_VERSIONS } from '../testing/node-versions.ts';
import { cleanEnvironment, endOf, runVantio, startVantio, VANTIO } from '../testing/run-vantio.ts';
import { API_KEY } from '../testing/sample-ledger.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

// A request in the main thread and one in each kind of child; the server is the first process's own.
const WORK = `
  const get = async (url) => void (await (await fetch(url)).text());
  const children = async (url) => {
    const again = { env: { ...process.env, TARGET: url } };
    const done = (child) => new Promise((resolve, reject) => child.on('exit', (code) => code ? reject(new Error(String(code))) : resolve()).on('error', reject));
    await Promise.all([
      done(childProcess.spawn(process.execPath, [file], { ...again, stdio: 'inherit' })),
      done(childProcess.exec(JSON.stringify(process.execPath) + ' ' + JSON.stringify(file), again)),
      done(childProcess.fork(file, [], again)),
      new Promise((resolve, reject) => new threads.Worker(file, again).on('exit', resolve).on('error', reject)),
    ]);
  };
  const main = async () => {
    if (process.env.TARGET) return get(process.env.TARGET);
    const server = http.createServer((request, response) => response.end('ok'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = 'http://127.0.0.1:' + server.address().port + '/';
    await get(url);
    await children(url);
    server.closeAllConnections();
    server.close();
  };
  main().catch((error) => { console.error(error); process.exit(9); });
`;
const APPS = {
  'app.mjs': `import http from 'node:http';
    import childProcess from 'node:child_process';
    import threads from 'node:worker_threads';
    import { fileURLToPath } from 'node:url';
    const file = fileURLToPath(import.meta.url);${WORK}`,
  'app.cjs': `const http = require('node:http');
    const childProcess = require('node:child_process');
    const threads = require('node:worker_threads');
    const file = __filename;${WORK}`,
};

function writeApp(directory: string, name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

function recordsOf(ledger: string): AuditRecord[] {
  return ledgerFamily(ledger)
    .flatMap(({ path }) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => parseLedgerLine(line).record);
}

function keyFileIn(directory: string): string {
  const file = join(directory, 'agent.key');
  writeFileSync(file, API_KEY);
  return file;
}

for (const { major, path: node } of NODE_VERSIONS)
  for (const name of ['app.mjs', 'app.cjs'] as const)
    for (const flag of ['--require', '--import'])
      test(`run ${flag} sees ${name}, its worker thread and its spawned, executed and forked children under one trace on Node ${major}`, {
        skip: node === undefined ? `no Node ${major} here: VANTIO_NODE${major} names none` : false,
      }, async (t) => {
        const directory = temporaryDirectory(t);
        const app = writeApp(directory, name, APPS[name]);
        const ledger = join(directory, 'ledger.ndjson');
        const keyFile = keyFileIn(directory);
        const args = [
          'run',
          flag,
          '--key-file',
          keyFile,
          '--output-file',
          ledger,
          '--',
          node ?? '',
          app,
        ];
        const ran = await runVantio(args, { env: { VANTIO_TRACE_ID: TRACE } });
        assert.equal(ran.status, 0, ran.stderr);
        assert.equal(ran.stdout, '');
        const requests = recordsOf(ledger).filter(
          ({ event_type }) => event_type === 'http_request',
        );
        assert.equal(requests.length, 5);
        assert.equal(new Set(requests.map(({ session_id }) => session_id)).size, 5);
        assert.deepEqual([...new Set(requests.map(({ trace_id }) => trace_id))], [TRACE]);
        const verified = await runVantio(['verify', ledger, '--key-file', keyFile]);
        assert.equal(verified.status, 0, verified.stdout);
      });

const CHILDREN = `
  const { promisify } = util;
  const script = 'process.stdout.write(String(process.env.TRACEPARENT) + process.env.EXTRA)';
  const node = process.execPath;
  const quoted = JSON.stringify(node) + ' -e ' + JSON.stringify(script);
  const env = { ...process.env, EXTRA: 'x' };
  const stdout = (child) => new Promise((resolve) => { let text = ''; child.stdout.on('data', (part) => { text += part; }).on('close', () => resolve(text)); });
  const called = (start) => new Promise((resolve, reject) => start((error, out) => error ? reject(error) : resolve(out)));
  const ways = {
    spawn: () => stdout(childProcess.spawn(node, ['-e', script], { env })),
    'spawn without options': () => stdout(childProcess.spawn(node, ['-e', script])),
    spawnSync: () => childProcess.spawnSync(node, ['-e', script], { env, encoding: 'utf8' }).stdout,
    exec: () => called((done) => childProcess.exec(quoted, { env }, done)),
    'exec without options': () => called((done) => childProcess.exec(quoted, done)),
    'exec promised': async () => (await promisify(childProcess.exec)(quoted, { env })).stdout,
    execSync: () => childProcess.execSync(quoted, { env, encoding: 'utf8' }),
    execFile: () => called((done) => childProcess.execFile(node, ['-e', script], { env }, done)),
    'execFile without options': () => called((done) => childProcess.execFile(node, ['-e', script], done)),
    'execFile promised': async () => (await promisify(childProcess.execFile)(node, ['-e', script], { env })).stdout,
    execFileSync: () => childProcess.execFileSync(node, ['-e', script], { env, encoding: 'utf8' }),
    'spawn with inherited env': () => stdout(childProcess.spawn(node, ['-e', script], { env: Object.create(env) })),
    named: () => stdout(spawn(node, ['-e', script], { env })),
    fork: () => stdout(childProcess.fork(probe, [], { env, silent: true })),
  };
  const main = shield('parent', async () => {
    const said = { trace: getCurrentTraceId() };
    for (const [way, start] of Object.entries(ways)) said[way] = await start();
    try { childProcess.spawn(7); } catch (error) { said.refused = error.code; }
    console.log(JSON.stringify(said));
  });
  main();
`;
const CHILDREN_APPS = {
  'children.mjs': `import childProcess, { spawn } from 'node:child_process';
    import util from 'node:util';
    const { shield, getCurrentTraceId } = globalThis[Symbol.for('vantio.context.1')];
    const probe = process.env.PROBE;${CHILDREN}`,
  'children.cjs': `const childProcess = require('child_process');
    const { spawn } = childProcess;
    const util = require('util');
    const { shield, getCurrentTraceId } = globalThis[Symbol.for('vantio.context.1')];
    const probe = process.env.PROBE;${CHILDREN}`,
};

for (const { major, path: node } of NODE_VERSIONS)
  for (const name of ['children.mjs', 'children.cjs'] as const)
    test(`run --trace-children gives each child of ${name} the span that started it on Node ${major}`, {
      skip: node === undefined ? `no Node ${major} here: VANTIO_NODE${major} names none` : false,
    }, async (t) => {
      const directory = temporaryDirectory(t);
      const app = writeApp(directory, name, CHILDREN_APPS[name]);
      const PROBE = writeApp(
        directory,
        'probe.cjs',
        'process.stdout.write(String(process.env.TRACEPARENT) + process.env.EXTRA)',
      );
      const env = { VANTIO_TRACE_ID: TRACE, PROBE };
      const traced = await runVantio(['run', '--trace-children', '--', node ?? '', app], { env });
      assert.match(traced.stderr, /--trace-children replaces the functions of node:child_process/);
      const { trace, refused, ...ways } = JSON.parse(traced.stdout) as Record<string, string>;
      assert.equal(trace, TRACE);
      assert.equal(refused, 'ERR_INVALID_ARG_TYPE');
      assert.equal(Object.keys(ways).length, 14);
      const [parent] = Object.values(ways);
      assert.match(parent ?? '', new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01x$`));
      for (const [way, said] of Object.entries(ways))
        assert.equal(
          said,
          way.includes('without') ? parent?.replace(/x$/, 'undefined') : parent,
          way,
        );
      const untraced = await runVantio(['run', '-q', '--', node ?? '', app], { env });
      const { spawn: alone } = JSON.parse(untraced.stdout) as Record<string, string>;
      assert.equal(alone, 'undefinedx', 'without the option nothing is wrapped');
    });

const echo = (expression: string): string[] => [
  process.execPath,
  '-e',
  `process.stdout.write(String(${expression}))`,
];

test('a trace in the environment is continued, also from a traceparent; a malformed one is not', async () => {
  const traced = async (env: Record<string, string>) =>
    (await runVantio(['run', '-q', '--', ...echo('process.env.VANTIO_TRACE_ID')], { env })).stdout;
  assert.equal(await traced({ VANTIO_TRACE_ID: TRACE }), TRACE);
  assert.equal(await traced({ TRACEPARENT: `00-${TRACE}-b7ad6b7169203331-01` }), TRACE);
  assert.equal(await traced({ VANTIO_TRACE_ID: `00-${TRACE}-b7ad6b7169203331-01` }), TRACE);
  for (const malformed of ['0'.repeat(32), TRACE.toUpperCase(), 'x'])
    assert.match(await traced({ VANTIO_TRACE_ID: malformed }), /^(?!0{32})[0-9a-f]{32}$/);
});

test('NODE_OPTIONS that is there already stays, in front of ours', async () => {
  const ran = await runVantio(
    ['run', '-q', '--', ...echo('process.env.NODE_OPTIONS + process.title')],
    {
      env: { NODE_OPTIONS: '--title="two words" --no-deprecation' },
    },
  );
  assert.match(
    ran.stdout,
    /^--title="two words" --no-deprecation --require=.*register\.cjs.*two words$/,
  );
});

test('a program that is not Node.js carries the trace, and so does a Node.js child of it', async (t) => {
  const ran = await runVantio(
    [
      'run',
      '-q',
      '--',
      'sh',
      '-c',
      `echo "$VANTIO_TRACE_ID"; exec "$0" -p process.env.VANTIO_TRACE_ID`,
      process.execPath,
    ],
    { cwd: temporaryDirectory(t), env: { VANTIO_TRACE_ID: TRACE } },
  );
  assert.equal(ran.stdout, `${TRACE}\n${TRACE}\n`);
});

test("options after the program are the program's own, with or without the two dashes", async () => {
  const print = [
    '-e',
    'console.log(process.argv.slice(1).join())',
    '--',
    '--json',
    '-q',
    '--',
    'x',
  ];
  for (const dashes of [['--'], []]) {
    const ran = await runVantio(['run', '-q', ...dashes, process.execPath, ...print]);
    assert.equal(ran.stdout, '--json,-q,--,x\n');
  }
});

test('run exits as its program does', async (t) => {
  const directory = temporaryDirectory(t);
  for (const code of [0, 1, 7, 255])
    assert.equal((await runVantio(['run', '--', 'sh', '-c', `exit ${code}`])).status, code);
  const missing = await runVantio(['run', '--', 'no-such-program-here']);
  assert.equal(missing.status, 127);
  assert.match(missing.stderr, /no-such-program-here was not found/);
  const plain = join(directory, 'plain.txt');
  writeFileSync(plain, 'x', { mode: 0o600 });
  assert.equal((await runVantio(['run', '--', plain])).status, 126);
  assert.equal((await runVantio(['run'])).status, 2);
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  test(`${signal} reaches the program, and run ends by the same signal`, async () => {
    const ending = endOf(await startUntilReady(signal, ''));
    const { signal: ended } = await ending;
    assert.equal(ended, signal);
  });

test('a program that answers a signal by a code of its own decides the exit code', async () => {
  const child = await startUntilReady('SIGTERM', "process.on('SIGTERM', () => process.exit(5))");
  assert.equal((await endOf(child)).status, 5);
});

/** Starts a program that says when it is ready and ends by itself if no signal comes, and then sends the signal to run, not to the program. */
async function startUntilReady(signal: NodeJS.Signals, code: string) {
  const program = [
    process.execPath,
    '-e',
    `${code}; setTimeout(() => process.exit(99), 20_000); console.log('ready')`,
  ];
  const child = startVantio(['run', '--', ...program]);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  child.kill(signal);
  return child;
}

test('run says the trace on standard error, and as JSON how it ended', async () => {
  const args = ['--', 'sh', '-c', 'exit 3'];
  const env = { VANTIO_TRACE_ID: TRACE, VANTIO_API_KEY: API_KEY };
  assert.equal(
    (await runVantio(['run', ...args], { env })).stderr,
    `vantio: trace ${TRACE} (continued)\n`,
  );
  assert.equal((await runVantio(['run', '-q', ...args], { env })).stderr, '');
  const { stderr } = await runVantio(['run', '--json', ...args], { env });
  assert.deepEqual(JSON.parse(stderr), { trace_id: TRACE, trace: 'continued', exit_code: 3 });
});

test('node --test and npm scripts run under it', async (t) => {
  const directory = temporaryDirectory(t);
  writeApp(directory, 'a.test.mjs', "import test from 'node:test'; test('a', () => {});");
  const tested = await runVantio(
    ['run', '-q', '--', process.execPath, '--test', '--test-reporter=tap'],
    { cwd: directory },
  );
  assert.equal(tested.status, 0, tested.stdout + tested.stderr);
  assert.match(tested.stdout, /# pass 1/);
  const npm = npmCli();
  if (npm === undefined) return t.skip('no npm beside this Node');
  writeApp(
    directory,
    'package.json',
    JSON.stringify({ scripts: { say: 'node -p process.env.VANTIO_TRACE_ID' } }),
  );
  const said = await runVantio(['run', '-q', '--', npm, 'run', '--silent', 'say'], {
    cwd: directory,
    env: { VANTIO_TRACE_ID: TRACE },
  });
  assert.equal(said.stdout.trim(), TRACE, said.stderr);
});

const npmCli = (): string | undefined =>
  process.env.PATH?.split(':')
    .map((directory) => join(directory, 'npm'))
    .find((file) => existsSync(file));

test('a key file with two keys is refused: records are made under one', async (t) => {
  const keyFile = join(temporaryDirectory(t), 'two.key');
  writeFileSync(keyFile, `${API_KEY}\n${API_KEY.replace('acme', 'umbrella')}\n`);
  const ran = await runVantio(['run', '--key-file', keyFile, '--', 'true']);
  assert.equal(ran.status, 2);
  assert.match(ran.stderr, /^vantio: .*two\.key holds several API keys/);
});

test('works from an installation whose path has spaces and quotes', async (t) => {
  const directory = temporaryDirectory(t);
  const modules = join(directory, `it's "here"`, 'node_modules');
  const { cp } = await import('node:fs/promises');
  const require = createRequire(import.meta.url);
  const sdk = dirname(dirname(require.resolve('@vantio/agent-sdk')));
  mkdirSync(modules, { recursive: true });
  await cp(sdk, join(modules, '@vantio', 'agent-sdk'), { recursive: true, dereference: true });
  const probe = writeApp(
    dirname(modules),
    'probe.mjs',
    `import { withPreload } from ${JSON.stringify(new URL('./node-options.js', import.meta.url).href)};
     process.stdout.write(withPreload(undefined, '--require', process.argv[2]));`,
  );
  const preload = join(modules, '@vantio', 'agent-sdk', 'dist', 'register.cjs');
  const options = await endOf(
    spawn(process.execPath, [probe, preload], { env: cleanEnvironment() }),
  );
  const loaded = spawn(
    process.execPath,
    [
      '-p',
      `Object.keys(require.cache).length + ' ' + Boolean(globalThis[Symbol.for('vantio.context.1')])`,
    ],
    {
      env: cleanEnvironment({ NODE_OPTIONS: options.stdout }),
    },
  );
  assert.match((await endOf(loaded)).stdout, /true/);
});

test('the binary says in one sentence that an old Node is too old', async (t: TestContext) => {
  const directory = temporaryDirectory(t);
  for (const version of ['10.24.1', '18.20.8', '20.11.1']) {
    const preload = writeApp(
      directory,
      `node-${version}.cjs`,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
    );
    const ran = await endOf(
      spawn(process.execPath, ['--require', preload, VANTIO, '--version'], {
        env: cleanEnvironment(),
      }),
    );
    assert.equal(ran.status, 2);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, new RegExp(`^vantio: Node ${version} is too old; [^\\n]+\\n$`));
  }
});
