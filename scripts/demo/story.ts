import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, isSealed, lastTraceOf, missingFrom, missingFromKernel } from './check-ledger.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { type ControlPlane, serveCommand, startControlPlane } from './control-plane.ts';
import { flipByte } from './flip-byte.ts';
import { type Kernel, startKernel } from './kernel.ts';
import type { Narrator } from './narrator.ts';
import { asTyped, type Processes } from './processes.ts';
import { awaitSealed, type LogAt, lastEventOf, prove } from './prove.ts';
import { type Provider, serveProvider } from './provider/serve-provider.ts';

export type Files = {
  readonly dir: string;
  readonly ledger: string;
  /** The agent's API key alone: what the agent records under. */
  readonly agentKey: string;
  /** Every key that the ledger's records are under: what verify needs. */
  readonly keys: string;
  /** Directory of the Merkle log over the ledger, and the key it is known by. */
  readonly log: string;
  readonly verifierKey: string;
  readonly state: string;
};

export type Verified = { readonly records: number; readonly verified: number };

export function filesIn(dir: string): Files {
  return {
    dir,
    ledger: join(dir, 'ledger.ndjson'),
    agentKey: join(dir, 'agent.key'),
    keys: join(dir, 'ledger.keys'),
    log: join(dir, 'ledger.log'),
    verifierKey: join(dir, 'ledger.vkey'),
    state: join(dir, 'state'),
  };
}

/** Exports are tried this often, half a second apart. */
const EXPORTS = 40;
/** How often it is looked whether a checkpoint covers the ledger. */
const SEALINGS = 100;
const SEALING_SECONDS = 60;
/** agent/SOCKET.md: the records of connections wait for 2 s. */
const JOIN_MS = 3000;

/** The steps of the demonstration; each prints what it does and tells `narrator` what did not hold. */
export function createStory(files: Files, processes: Processes, narrator: Narrator) {
  async function makeKey(): Promise<void> {
    narrator.step('An API key for the agent');
    if (existsSync(files.agentKey)) {
      throw new Error(`${files.dir} holds a run already: name another folder with --dir`);
    }
    mkdirSync(files.state, { recursive: true, mode: 0o700 });
    const args = ['keys', 'create', '--tenant', 'demo'];
    args.push('--state-dir', files.state, '--out', files.agentKey);
    narrator.typed(asTyped(args));
    const { status } = await processes.run(args, 'pipe');
    if (status !== 0) throw new Error(`keys create ended with ${status}`);
  }

  async function serve(): Promise<ControlPlane> {
    narrator.step('The control plane, on this machine');
    narrator.typed(asTyped(serveCommand(files.state, files.ledger)));
    const plane = await startControlPlane(processes, files.state, files.ledger);
    narrator.say(`listens on ${plane.url}`);
    writeFileSync(files.keys, '# Keys that the records of this ledger are under.\n', {
      mode: 0o600,
    });
    for (const file of [files.agentKey, join(files.state, 'control.key')]) {
      appendFileSync(files.keys, `${readFileSync(file, 'utf8').trimEnd()}\n`);
    }
    return plane;
  }

  /** The same handlers as functions, with Pub/Sub and Spanner behind them. */
  async function serveCloud(environment: NodeJS.ProcessEnv): Promise<Cloud> {
    narrator.step('The cloud, on this machine');
    narrator.say(
      'the Spanner and Pub/Sub emulators, Redis, a server of Cloud Storage’s API, and the functions config, ingest, writer,',
    );
    narrator.say('sealer and log');
    Object.assign(process.env, environment);
    const cloud = await startCloud(processes, files.state);
    if (cloud.vkey === undefined) narrator.say(`without the log: ${cloud.noLog}`);
    else writeFileSync(files.verifierKey, `${cloud.vkey}\n`);
    narrator.say(`listens on ${cloud.url}`);
    copyFileSync(files.agentKey, files.keys);
    return cloud;
  }

  /** A record is in Spanner some time after its acknowledgement: exports until the agent's session has its end. */
  async function exportLedger({ database, vkey }: Cloud): Promise<void> {
    narrator.step(`Out of Spanner, as a ledger file${vkey === undefined ? '' : ' with its log'}`);
    const args = ['export', '--database', database, '--key-file', files.keys];
    args.push('--out', files.ledger, ...(vkey === undefined ? [] : ['--log']));
    narrator.typed(asTyped(args));
    for (let attempt = 0; attempt < EXPORTS; attempt++) {
      for (const path of [
        files.ledger,
        files.log,
        files.ledger.replace(/\.ndjson$/, '.disclosures.ndjson'),
      ])
        rmSync(path, { recursive: true, force: true });
      const { status, stdout } = await processes.run(args, 'pipe');
      if (status !== 0) throw new Error(`export ended with ${status}`);
      if (hasEnded(files.ledger) && isSealed(files.ledger, files.log))
        return narrator.say(stdout.trimEnd().replaceAll('\n', '\n   '));
      await sleep(500);
    }
    narrator.expect(false, 'the end of the session is not in Spanner, or not sealed');
  }

  /** The first checkpoint of the tenant's log: nothing can be exported with it before. */
  async function awaitLog(cloud: Cloud): Promise<void> {
    if (cloud.vkey === undefined) return;
    const size = await awaitSealed(logOf(cloud, cloud.vkey), 1, SEALING_SECONDS);
    narrator.expect(size > 0, 'the log has no checkpoint');
  }

  /** One record is in the log: the log's own proof, held to its key. */
  async function proveLast(cloud: Cloud): Promise<void> {
    if (cloud.vkey === undefined) return;
    narrator.step('Proof that the last record is in the log');
    const eventId = lastEventOf(files.ledger);
    narrator.typed(
      `curl -H "Authorization: Bearer $(cat ${files.agentKey})" ${cloud.url}/api/v1/proof/${eventId}`,
    );
    try {
      const { index, size, hashes } = await prove(logOf(cloud, cloud.vkey), eventId);
      narrator.say(`leaf ${index} of a signed tree of ${size}, by ${hashes} hashes`);
    } catch (error) {
      narrator.expect(false, (error as Error).message);
    }
  }

  const logOf = ({ url }: Cloud, verifierKey: string): LogAt => ({
    url,
    apiKey: readFileSync(files.agentKey, 'utf8').trim(),
    verifierKey,
  });

  async function serveModels(): Promise<Provider> {
    narrator.step('Stand-in models');
    const provider = await serveProvider();
    narrator.say(`${provider.url} speaks the wire formats of OpenAI and Anthropic`);
    return provider;
  }

  async function runAgent({ url }: { readonly url: string }, provider: Provider): Promise<void> {
    narrator.step('A sample agent, with the real openai and anthropic clients');
    const args = ['run', '--key-file', files.agentKey, '--ingest-url', url];
    const program = ['node', 'scripts/demo/agent.ts'];
    narrator.typed(asTyped([...args, '--', ...program]));
    const { status } = await processes.run([...args, '--', ...program], 'inherit', {
      DEMO_PROVIDER_URL: provider.url,
    });
    narrator.expect(status === 0, `the agent ended with ${status}`);
  }

  /** Whether the ledger says all that the sample agent is known to do. */
  function expectWhole(provider: Provider): void {
    const port = Number(new URL(provider.url).port);
    for (const missing of missingFrom(files.ledger, port)) narrator.expect(false, missing);
  }

  async function show(): Promise<void> {
    narrator.step('What it did');
    const args = ['show', files.ledger];
    narrator.typed(asTyped(args));
    const { status } = await processes.run(args, 'inherit');
    narrator.expect(status === 0, `show ended with ${status}`);
  }

  /** The same kind of ledger once more, with the kernel's word: what the program's children did stands in its trace. */
  async function watchKernel(
    program: string,
    { url }: { readonly url: string },
    provider: Provider,
  ): Promise<void> {
    narrator.step('The kernel’s view of a trace: SDK call, bash, curl, host');
    const keyFile = join(files.dir, 'kernel.key');
    const key = ['keys', 'create', '--tenant', 'demo', '--plan', 'agent'];
    const { status: made } = await processes.run(
      [...key, '--state-dir', files.state, '--out', keyFile],
      'pipe',
    );
    if (made !== 0) throw new Error(`keys create ended with ${made}`);
    appendFileSync(files.keys, `${readFileSync(keyFile, 'utf8').trimEnd()}\n`);
    let kernel: Kernel;
    try {
      kernel = await startKernel({ program, keyFile, ingestUrl: url });
    } catch (error) {
      return narrator.say(`left out: ${(error as Error).message}`);
    }
    narrator.typed(`vantio-agent record --api-key-file ${keyFile} --ingest-url ${url}`);
    const args = ['run', '--key-file', files.agentKey, '--ingest-url', url];
    const words = [...args, '--', 'node', 'scripts/demo/shell-agent.ts'];
    narrator.typed(`vantio-agent run -- ${asTyped(words)}`);
    const command = [process.execPath, 'sdk/cli/bin/vantio.js', ...words];
    const status = await kernel.run(command, { DEMO_PROVIDER_URL: provider.url });
    narrator.expect(status === 0, `the program ended with ${status}`);
    // What the agent saw last waits for what the program says of it.
    await sleep(JOIN_MS);
    const ended = await kernel.end();
    narrator.expect(ended === 0, `vantio-agent ended with ${ended}`);
    const traceId = lastTraceOf(files.ledger);
    const show = ['show', files.ledger, '--trace', traceId];
    narrator.typed(asTyped(show));
    await processes.run(show, 'inherit');
    const port = Number(new URL(provider.url).port);
    for (const missing of missingFromKernel(files.ledger, traceId, port))
      narrator.expect(false, missing);
  }

  async function verify(): Promise<void> {
    narrator.step('Is the record whole and genuine?');
    // A checkpoint comes each second: the last lines may wait for it.
    for (let wait = 0; wait < SEALINGS && !isSealed(files.ledger, files.log); wait++)
      await sleep(100);
    const args = ['verify', files.ledger, '--key-file', files.keys];
    narrator.typed(asTyped(args));
    const { status } = await processes.run(args, 'inherit');
    narrator.expect(status === 0, `verify ended with ${status} on the ledger as it was written`);
  }

  async function tamper(): Promise<void> {
    const copy = join(files.dir, 'tampered.ndjson');
    const { line } = flipByte(files.ledger, copy);
    narrator.step(`The same, after one byte of line ${line} was changed in a copy`);
    const args = ['verify', copy, '--key-file', files.keys];
    narrator.typed(asTyped(args));
    const { status } = await processes.run(args, 'inherit');
    narrator.expect(status === 1, `verify ended with ${status} on the changed copy, not with 1`);
  }

  /** What the verifier counts once nothing writes any more. */
  async function count(): Promise<Verified> {
    const args = ['verify', files.ledger, '--key-file', files.keys, '--json'];
    const { status, stdout } = await processes.run(args, 'pipe');
    narrator.expect(status === 0, `verify ended with ${status} on the finished ledger`);
    const { records, verified } = JSON.parse(stdout) as Verified;
    narrator.expect(records > 0 && verified === records, `${verified} of ${records} verified`);
    return { records, verified };
  }

  return {
    makeKey,
    serve,
    serveCloud,
    serveModels,
    runAgent,
    awaitLog,
    exportLedger,
    proveLast,
    expectWhole,
    show,
    watchKernel,
    verify,
    tamper,
    count,
  };
}

export type Story = ReturnType<typeof createStory>;
