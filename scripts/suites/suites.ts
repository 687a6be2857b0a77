import { globSync } from 'node:fs';

/** One run of `node --test`: a suite may have several, one for each Node version it must hold on. */
export type TestRun = {
  readonly title: string;
  readonly node: string;
  readonly files: readonly string[];
  /** How many test files may run at once; 1 where a file starts servers and agents of its own. */
  readonly concurrency: number;
  /** Milliseconds that one test may take. */
  readonly timeout: number;
  /** Milliseconds that the whole run may take. */
  readonly deadline: number;
};

export const SUITES = [
  'schema',
  'functions',
  'node',
  'enforcement',
  'cli',
  'e2e',
  'cloud',
  'infra',
] as const;
/** Other names for parts: `ledger` is in the suites of its rooms and runs only when named, `ledger-attacks` is in none of them. */
export const PARTS = ['ledger', 'ledger-attacks'] as const;
export type Suite = (typeof SUITES)[number] | (typeof PARTS)[number];

const MINUTE = 60_000;
const CLOUD = 'functions/dist/cloud/';
const LIMITS = { timeout: 8 * MINUTE, deadline: 12 * MINUTE } as const;

function sorted(pattern: string): string[] {
  return globSync(pattern).sort();
}

function compiled(room: string, concurrency: number): TestRun[] {
  const files = sorted(`${room}/dist/**/*.test.js`);
  return [{ title: room, node: process.execPath, files, concurrency, ...LIMITS }];
}

function functions(): TestRun[] {
  return compiled('functions', 2).map((run) => ({
    ...run,
    files: run.files.filter((file) => !file.startsWith(CLOUD)),
  }));
}

/**
 * The Spanner emulator has one transaction at a time: so have the tests that share it. It grows slow with what earlier tests
 * leave in it, so each run has one of its own.
 */
function cloud(): TestRun[] {
  const files = [
    ...sorted(`${CLOUD}**/*.test.js`),
    ...sorted('functions/scripts/**/*.test.ts'),
    ...sorted('scripts/cloud/**/*.test.ts'),
  ];
  const part = (title: string, holds: (file: string) => boolean): TestRun => ({
    title,
    node: process.execPath,
    files: files.filter(holds),
    concurrency: 1,
    timeout: LIMITS.timeout,
    deadline: 30 * MINUTE,
  });
  const isFaults = (file: string): boolean => file.startsWith(`${CLOUD}faults/`);
  const isProbe = (file: string): boolean => file.startsWith('scripts/cloud/probe/');
  const isLog = (file: string): boolean =>
    ['seal', 'serve-log'].some((folder) => file.startsWith(`${CLOUD}${folder}/`));
  return [
    part(
      'cloud: functions and scripts',
      (file) => !isFaults(file) && !isProbe(file) && !isLog(file),
    ),
    part('cloud: faults', isFaults),
    part('cloud: log', isLog),
    part('cloud: probe-live', isProbe),
  ];
}

function infra(): TestRun[] {
  const files = sorted('infra/{src,policy}/**/*.test.ts');
  return [{ title: 'infra', node: process.execPath, files, concurrency: 2, ...LIMITS }];
}

/** What replaces functions, edits requests or is held to clients and frameworks. */
const ENFORCING = ['enforce', 'propagate', 'doors'].map((folder) => `sdk/node/build/${folder}/`);
const isEnforcing = (file: string): boolean => ENFORCING.some((folder) => file.startsWith(folder));

function nodeSdk(): TestRun[] {
  const files = sorted('sdk/node/{build,dist}/**/*.test.{js,cjs,mjs}');
  return onVersions(['20', '22', '24'], 'sdk/node', (file) => !isEnforcing(file), files);
}

/** Where policy comes from, and what becomes of faults, is the same on every Node version. */
const SAME_EVERYWHERE = /enforce\/policy\/|\/injected-faults/;

/** What enforcing replaces differs between Node versions more than anything else: it is held to one more of them. */
function enforcement(): TestRun[] {
  const files = sorted('sdk/node/build/**/*.test.js').filter(isEnforcing);
  const differs = (file: string): boolean => !SAME_EVERYWHERE.test(file);
  return [
    ...onVersions(['20', '22', '26'], 'sdk/node enforcing', differs, files),
    ...onVersions(['24'], 'sdk/node enforcing', () => true, files),
  ];
}

function onVersions(
  versions: readonly string[],
  what: string,
  holds: (file: string) => boolean,
  all: readonly string[],
): TestRun[] {
  const files = all.filter(holds);
  return versions.map((version) => {
    const node = process.env[`VANTIO_NODE${version}`];
    if (node === undefined) {
      throw new Error(`Node ${version} is missing: VANTIO_NODE${version} names none`);
    }
    return { title: `${what} on Node ${version}`, node, files, concurrency: 2, ...LIMITS };
  });
}

function endToEnd(): TestRun[] {
  const files = sorted('scripts/{e2e,demo,suites,setup,go-checker,fuzzers,redact}/**/*.test.ts');
  return [{ title: 'e2e', node: process.execPath, files, concurrency: 1, ...LIMITS }];
}

function ledger(): TestRun[] {
  const files = [
    ...sorted('schema/dist/{tlog,verify}/**/*.test.js'),
    ...sorted('functions/dist/{log,local/log}/**/*.test.js'),
    ...sorted('sdk/cli/dist/{verify,witness}/**/*.test.js'),
  ];
  return [{ title: 'ledger', node: process.execPath, files, concurrency: 2, ...LIMITS }];
}

function ledgerAttacks(): TestRun[] {
  const files = sorted('scripts/attacks/**/*.test.ts');
  return [{ title: 'ledger-attacks', node: process.execPath, files, concurrency: 1, ...LIMITS }];
}

export function runsOf(suite: Suite): TestRun[] {
  switch (suite) {
    case 'schema':
      return compiled('schema', 2);
    case 'functions':
      return functions();
    case 'cli':
      return compiled('sdk/cli', 2);
    case 'node':
      return nodeSdk();
    case 'enforcement':
      return enforcement();
    case 'e2e':
      return endToEnd();
    case 'cloud':
      return cloud();
    case 'ledger':
      return ledger();
    case 'ledger-attacks':
      return ledgerAttacks();
    case 'infra':
      return infra();
  }
}
