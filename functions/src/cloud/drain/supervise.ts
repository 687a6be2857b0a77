import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { RequestListener, Server } from 'node:http';
import { createFront, type FrontOptions } from '../front/create-front.ts';
import { log, logFault } from '../log.ts';
import { drain } from './drain.ts';
import { createRequestsUnderWay } from './requests-under-way.ts';

/** https://nodejs.org/docs/latest-v24.x/api/diagnostics_channel.html#http */
const REQUEST_START = 'http.server.request.start';
const WHOLE_REQUEST_MILLIS = 30_000;

let supervised = false;

/**
 * Takes charge of the process in an instance of Cloud Run. The functions framework makes the HTTP server after this program
 * is loaded and hands it to nobody; on SIGTERM it answers the newest request with 500 and exits at once; and what is thrown
 * past every handler it writes out with its message. The first request brings the server to light, before anybody handles it.
 *
 * Does nothing elsewhere: in a test, or in the mirror, several functions share a process that is somebody else's.
 */
export function supervise(options: FrontOptions): void {
  if (process.env.K_SERVICE === undefined || supervised) return;
  supervised = true;
  const onFirst = (message: unknown): void => {
    unsubscribe(REQUEST_START, onFirst);
    takeCharge((message as { readonly server: Server }).server, options);
  };
  subscribe(REQUEST_START, onFirst);
}

function takeCharge(server: Server, options: FrontOptions): void {
  const requests = createRequestsUnderWay();
  const framework = server.listeners('request') as RequestListener[];
  const front = createFront((request, response) => {
    for (const listener of framework) listener.call(server, request, response);
  }, options);
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    requests.add(response);
    front(request, response);
  });
  server.requestTimeout = WHOLE_REQUEST_MILLIS;

  let ending = false;
  const end = (code: number): void => {
    if (ending) return;
    ending = true;
    void drain(server, requests).then((drained) => process.exit(code || drained));
  };
  replaceListeners('SIGTERM', () => end(0));
  replaceListeners('SIGINT', () => end(0));
  // The framework's own code for it. Others' requests are finished; whose error this was is not known.
  const fail = (error: unknown): void => {
    logFault('an error that nobody caught', error);
    end(UNCAUGHT);
  };
  replaceListeners('uncaughtException', fail);
  replaceListeners('unhandledRejection', fail);
  log('INFO', 'started', { node: process.versions.node });
}

const UNCAUGHT = 16;

function replaceListeners(event: string, listener: (value: unknown) => void): void {
  process.removeAllListeners(event);
  process.on(event, listener);
}
