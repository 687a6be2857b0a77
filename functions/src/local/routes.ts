import type { RequestListener } from 'node:http';
import { type HttpFunction, http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';

export type Route = {
  readonly method: 'GET' | 'POST';
  readonly listener: RequestListener;
};

/**
 * Registers a handler with the functions framework, as a deployment does, and takes the framework's own application for
 * it: local requests go through the very code that cloud requests go through.
 */
export function frameworkListener(name: string, handler: HttpFunction): RequestListener {
  http(name, handler);
  const server = getTestServer(name);
  return (request, response) => {
    server.emit('request', request, response);
  };
}
