import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_REQUESTS_PER_MINUTE } from '@vantio/schema/wire/limits';
import { openApiDocument } from '@vantio/schema/wire/openapi';
import { createConfig } from '../config/handler.ts';
import { createDoorkeeper } from '../door/doorkeeper.ts';
import { sendJson } from '../door/problem-response.ts';
import { createRateLimiter } from '../door/rate-limit.ts';
import { createRefusalNotes } from '../door/refusal-notes.ts';
import type { EndReason } from '../ingest/control-session.ts';
import { createIngest } from '../ingest/handler.ts';
import { createFront } from './front.ts';
import { openControlKey, openKeymaker } from './keys/keymaker.ts';
import { LOOK_AGAIN_MILLIS, watchRevocations } from './keys/revocations.ts';
import { stateFiles } from './keys/state-dir.ts';
import { type NdjsonStoreOptions, openNdjsonStore } from './ndjson/store.ts';
import { frameworkListener, type Route } from './routes.ts';

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
  /** Where messages for the operator go; default: standard error. They hold no content. */
  readonly log?: (message: string, error?: unknown) => void;
} & Pick<NdjsonStoreOptions, 'appendOnly' | 'openHandle'>;

export type LocalServer = {
  /** Base URL, such as http://127.0.0.1:8787. */
  readonly url: string;
  /** The file that lines go to: another than asked for when another process writes that one. */
  readonly ledgerFile: string;
  /** File of the control plane's own API key: `verify` needs it for the records of the server itself. */
  readonly controlKeyFile: string;
  /** Stops taking requests, finishes those under way, ends the session, lets the ledger go. */
  readonly close: (reason?: EndReason) => Promise<void>;
};

export const DEFAULT_PORT = 8787;
const DRAIN_MILLIS = 10_000;

/**
 * The control plane on one machine: `config` and `ingest` over an NDJSON ledger.
 * @throws {StateDirError} and errors of the file system or the port, before anything is served.
 */
export async function startLocal(options: LocalOptions): Promise<LocalServer> {
  const { log = logToStandardError, host = '127.0.0.1', port = DEFAULT_PORT } = options;
  const { rateLimit = DEFAULT_REQUESTS_PER_MINUTE } = options;
  const stateDir = options.stateDir ?? process.env.VANTIO_STATE_DIR ?? '.vantio';
  const keymaker = openKeymaker(stateDir);
  const controlKey = openControlKey(stateDir, keymaker);
  const { outputFile, maxSegmentBytes, appendOnly, openHandle } = options;
  const store = await openNdjsonStore({
    outputFile,
    controlKey,
    log,
    ...(maxSegmentBytes === undefined ? {} : { maxSegmentBytes }),
    ...(appendOnly === undefined ? {} : { appendOnly }),
    ...(openHandle === undefined ? {} : { openHandle }),
  });

  const revocations = watchRevocations(stateDir, keymaker, (keyId) =>
    store.note({ event_type: 'key_revoked', action_taken: 'RECORDED', subject_key_id: keyId }),
  );
  // Also while nobody asks: a revocation is recorded within seconds.
  revocations();
  const looking = setInterval(revocations, LOOK_AGAIN_MILLIS);
  looking.unref();
  const doorkeeper = createDoorkeeper({
    signers: new Map([[keymaker.signerId, keymaker.publicKey]]),
    revocations,
  });
  const noteRefusal = createRefusalNotes({ note: store.note, onFault: log });
  const rateLimiter = createRateLimiter(rateLimit, noteRefusal);
  const ingest = createIngest({ store, doorkeeper, rateLimiter, noteRefusal, onFault: log });
  const config = createConfig({ doorkeeper, rateLimiter, requestsPerMinute: rateLimit });
  const routes = new Map<string, Route>([
    ['/api/v1/ingest', { method: 'POST', listener: frameworkListener('ingest', ingest) }],
    ['/api/v1/config', { method: 'GET', listener: frameworkListener('config', config) }],
    ['/api/v1/openapi.json', fixed(JSON.stringify(openApiDocument()))],
    ['/healthz', fixed('{"status":"ok"}')],
  ]);
  const server = createFront({ routes, doorkeeper, onFault: log });
  try {
    await listen(server, port, host);
  } catch (error) {
    clearInterval(looking);
    await store.close();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const close = async (reason?: EndReason): Promise<void> => {
    await drain(server);
    clearInterval(looking);
    await store.close(reason);
  };
  return {
    url: urlOf(server, host),
    ledgerFile: store.file,
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
