import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DEFAULT_REQUESTS_PER_MINUTE,
  LOG_REQUESTS_PER_MINUTE,
  SPEND_REQUESTS_PER_MINUTE,
} from '@vantio/schema/wire/limits';
import { openApiDocument } from '@vantio/schema/wire/openapi';
import { createConfig } from '../config/handler.ts';
import { createDoorkeeper } from '../door/doorkeeper.ts';
import { sendJson } from '../door/problem-response.ts';
import { createRateLimiter } from '../door/rate-limit.ts';
import { createRefusalNotes } from '../door/refusal-notes.ts';
import type { EndReason } from '../ingest/control-session.ts';
import { createIngest } from '../ingest/handler.ts';
import { createLog } from '../log/log-handler.ts';
import { createSpend } from '../spend/handler.ts';
import { createFront } from './front.ts';
import { openControlKey, openKeymaker } from './keys/keymaker.ts';
import { LOOK_AGAIN_MILLIS, watchRevocations } from './keys/revocations.ts';
import { stateFiles } from './keys/state-dir.ts';
import { createLocalLogReader } from './log/local-log-reader.ts';
import { type LocalLog, openLocalLog } from './log/open-local-log.ts';
import { createPromiseToLog } from './log/promise-to-log.ts';
import { type NdjsonStoreOptions, openNdjsonStore } from './ndjson/store.ts';
import { type WatchedPolicies, watchPolicies } from './policy/watch-policies.ts';
import { frameworkListener, type Route } from './routes.ts';
import { createSpendJournal } from './spend/spend-journal.ts';

export type LocalOptions = {
  /** Ledger file; its name ends in .ndjson. */
  readonly outputFile: string;
  /** Default: `VANTIO_STATE_DIR`, or `.vantio` in the working directory. */
  readonly stateDir?: string;
  /** Default 8787; 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1: nobody but this machine. */
  readonly host?: string;
  /** Requests a minute under one API key; default 100. */
  readonly rateLimit?: number;
  /** Size at which the ledger file is closed and a new one begun; default 256 MiB. */
  readonly maxSegmentBytes?: number;
  /** File of a policy for tenants that have none published: a policy, or a signed envelope. */
  readonly policyFile?: string;
  /** Where messages for the operator go; default: standard error. They hold no content. */
  readonly log?: (message: string, error?: unknown) => void;
} & Pick<NdjsonStoreOptions, 'appendOnly' | 'openHandle'>;

export type LocalServer = {
  /** Base URL, such as http://127.0.0.1:8787. */
  readonly url: string;
  /** The file that lines go to: another than asked for when another process writes that one. */
  readonly ledgerFile: string;
  /** Directory of the Merkle log over the ledger, and the file of its verifier key. */
  readonly logDirectory: string;
  readonly verifierKeyFile: string;
  /** File of the control plane's own API key: `verify` needs it for the records of the server itself. */
  readonly controlKeyFile: string;
  /** Stops taking requests, finishes those under way, ends the session, lets the ledger go. */
  readonly close: (reason?: EndReason) => Promise<void>;
};

export const DEFAULT_PORT = 8787;
const DRAIN_MILLIS = 10_000;
const LOG_PATHS = [
  '/api/v1/checkpoint',
  '/api/v1/checkpoints/',
  '/api/v1/rotations/',
  '/api/v1/tile/',
  '/api/v1/proof/',
  '/api/v1/consistency/',
];

/**
 * The control plane on one machine: `config` and `ingest` over an NDJSON ledger.
 * @throws {StateDirError | TlogError | PolicyError} and errors of the file system or the port, before anything is served.
 */
export async function startLocal(options: LocalOptions): Promise<LocalServer> {
  const { log = logToStandardError, host = '127.0.0.1', port = DEFAULT_PORT } = options;
  const { rateLimit = DEFAULT_REQUESTS_PER_MINUTE } = options;
  const stateDir = options.stateDir ?? process.env.VANTIO_STATE_DIR ?? '.vantio';
  const keymaker = openKeymaker(stateDir);
  const controlKey = openControlKey(stateDir, keymaker);
  const { outputFile, maxSegmentBytes, appendOnly, openHandle } = options;
  let merkleLog: LocalLog | undefined;
  const store = await openNdjsonStore({
    outputFile,
    controlKey,
    log,
    onDurable: () => merkleLog?.poke(),
    ...(maxSegmentBytes === undefined ? {} : { maxSegmentBytes }),
    ...(appendOnly === undefined ? {} : { appendOnly }),
    ...(openHandle === undefined ? {} : { openHandle }),
  });

  let watched: WatchedPolicies;
  try {
    watched = watchPolicies({
      stateDir,
      note: store.note,
      onFault: log,
      ...(options.policyFile === undefined ? {} : { policyFile: options.policyFile }),
    });
    merkleLog = await openLocalLog({ family: store.family, stateDir, ledger: store, log });
  } catch (error) {
    await store.close();
    throw error;
  }
  const sealed = merkleLog;

  const revocations = watchRevocations(stateDir, keymaker, (keyId) =>
    store.note({ event_type: 'key_revoked', action_taken: 'RECORDED', subject_key_id: keyId }),
  );
  // Also while nobody asks: a revocation, or a policy, is recorded within seconds.
  revocations();
  watched.look();
  const looking = setInterval(() => {
    revocations();
    watched.look();
  }, LOOK_AGAIN_MILLIS);
  looking.unref();
  const doorkeeper = createDoorkeeper({
    signers: new Map([[keymaker.signerId, keymaker.publicKey]]),
    revocations,
  });
  const noteRefusal = createRefusalNotes({ note: store.note, onFault: log });
  const rateLimiter = createRateLimiter(rateLimit, noteRefusal);
  const ingest = createIngest({
    store,
    doorkeeper,
    rateLimiter,
    noteRefusal,
    promise: createPromiseToLog(sealed),
    onFault: log,
  });
  const config = createConfig({
    doorkeeper,
    rateLimiter,
    requestsPerMinute: rateLimit,
    policyOf: watched.policyOf,
    onFault: log,
  });
  const spendJournal = createSpendJournal(stateDir, store.note);
  const spend = createSpend({
    doorkeeper,
    rateLimiter: createRateLimiter(SPEND_REQUESTS_PER_MINUTE, noteRefusal),
    policyOf: watched.policyOf,
    store: spendJournal,
    onFault: log,
  });
  const localLog = createLocalLogReader(sealed, store);
  const logListener = frameworkListener(
    'log',
    createLog({
      logOf: () => localLog,
      isShared: true,
      doorkeeper,
      rateLimiter: createRateLimiter(LOG_REQUESTS_PER_MINUTE, noteRefusal),
      onFault: log,
    }),
  );
  const routes = new Map<string, Route>([
    ...LOG_PATHS.map((path): [string, Route] => [path, { method: 'GET', listener: logListener }]),
    ['/api/v1/cosignatures', { method: 'POST', listener: logListener }],
    ['/api/v1/ingest', { method: 'POST', listener: frameworkListener('ingest', ingest) }],
    ['/api/v1/config', { method: 'GET', listener: frameworkListener('config', config) }],
    ['/api/v1/spend/leases', { method: 'POST', listener: frameworkListener('spend', spend) }],
    ['/api/v1/openapi.json', fixed(JSON.stringify(openApiDocument()))],
    ['/healthz', fixed('{"status":"ok"}')],
  ]);
  const server = createFront({ routes, doorkeeper, onFault: log });
  try {
    await listen(server, port, host);
  } catch (error) {
    clearInterval(looking);
    await store.close();
    await sealed.close();
    await spendJournal.close();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const close = async (reason?: EndReason): Promise<void> => {
    await drain(server);
    clearInterval(looking);
    await store.close(reason);
    await sealed.close();
    await spendJournal.close();
  };
  return {
    url: urlOf(server, host),
    ledgerFile: store.file,
    logDirectory: store.family.log,
    verifierKeyFile: store.family.verifierKey,
    controlKeyFile: stateFiles(stateDir).controlKey,
    close: (reason) => {
      closing ??= close(reason);
      return closing;
    },
  };
}

const fixed = (body: string): Route => ({
  method: 'GET',
  listener: (_request, response) => sendJson(response, 200, body),
});

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Stops listening and waits for the requests under way, for a while. */
const drain = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), DRAIN_MILLIS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The cause's code and class are enough for an operator; its message may hold a path and nothing of a record. */
const logToStandardError = (message: string, error?: unknown): void => {
  const cause = error instanceof Error ? `: ${error.message}` : '';
  process.stderr.write(`vantio: ${message}${cause}\n`);
};
