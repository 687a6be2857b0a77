import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parseCheckpointText } from '@vantio/schema/tlog/checkpoint';
import { readCosignatures } from '@vantio/schema/tlog/cosignature';
import { encodeBase64, parseNote } from '@vantio/schema/tlog/note';
import { type NoteKey, parseVerifierKey } from '@vantio/schema/tlog/note-keys';
import type { SampleLog } from './sample-log.ts';

export type Lie = { readonly status?: number; readonly body: string };

export type ServedLog = {
  readonly url: string;
  /** Method and path of each request, in order. */
  readonly asked: readonly string[];
  /** Serves another log in its place. */
  readonly become: (log: SampleLog) => void;
  /** Answers a path with this; undefined: with the truth again. */
  readonly lie: (path: string, lie: Lie | undefined) => void;
  /** Called before each answer. */
  readonly onAsked: (hook: (what: string) => void) => void;
};

/**
 * Serves a log's directory over HTTP by schema/log.md, section 3. It is not the control plane's code, so that it can lie:
 * what the control plane itself answers is tested in witness-served.test.ts.
 */
export async function serveLog(
  t: TestContext,
  first: SampleLog,
  apiKey: string,
  witnesses: readonly string[] = [],
): Promise<ServedLog> {
  let log = first;
  let hook = (_what: string): void => {};
  const keys = witnesses.map(parseVerifierKey);
  const asked: string[] = [];
  const lies = new Map<string, Lie>();
  const server = createServer(async (request, response) => {
    const what = `${request.method} ${request.url}`;
    asked.push(what);
    hook(what);
    const body = await textOf(request);
    const { status = 200, body: answer } =
      lies.get(request.url ?? '') ??
      (request.headers.authorization === `Bearer ${apiKey}`
        ? await truth(log, request.url ?? '', body, keys)
        : { status: 401, body: '{"type":"urn:vantio:problem:missing_key"}' });
    response.writeHead(status).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    become: (next) => {
      log = next;
    },
    lie: (path, lie) => {
      if (lie === undefined) lies.delete(path);
      else lies.set(path, lie);
    },
    onAsked: (next) => {
      hook = next;
    },
  };
}

async function truth(
  log: SampleLog,
  path: string,
  body: string,
  witnesses: readonly NoteKey[],
): Promise<Lie> {
  const [, what, one = '', two = ''] =
    /^\/api\/v1\/(checkpoint|consistency|cosignatures)(?:\/([0-9]+)\/([0-9]+))?$/.exec(path) ?? [];
  switch (what) {
    case 'checkpoint':
      return { body: underCosignatures(log) };
    case 'consistency': {
      const hashes = await log.consistency(Number(one), Number(two));
      return { body: hashes.map((hash) => `${encodeBase64(hash)}\n`).join('') };
    }
    case 'cosignatures':
      return take(log, body, witnesses);
    default:
      return { status: 404, body: '{"type":"urn:vantio:problem:not_found"}' };
  }
}

function underCosignatures(log: SampleLog): string {
  const checkpoint = readFileSync(join(log.directory, 'checkpoint'), 'utf8');
  const { size } = parseCheckpointText(parseNote(checkpoint).text);
  const file = join(log.directory, 'cosignatures', String(size));
  return checkpoint + (existsSync(file) ? readFileSync(file, 'utf8') : '');
}

function take(log: SampleLog, body: string, witnesses: readonly NoteKey[]): Lie {
  const note = parseNote(body);
  const { size } = parseCheckpointText(note.text);
  const published = readFileSync(join(log.directory, 'checkpoints', String(size)), 'utf8');
  if (parseNote(published).text !== note.text)
    return { status: 409, body: '{"type":"urn:vantio:problem:other_tree"}' };
  const lines = readCosignatures(note, witnesses).map(({ line }) => line);
  if (lines.length === 0)
    return { status: 422, body: '{"type":"urn:vantio:problem:bad_cosignature"}' };
  mkdirSync(join(log.directory, 'cosignatures'), { recursive: true });
  writeFileSync(join(log.directory, 'cosignatures', String(size)), `${lines.join('\n')}\n`);
  return { body: JSON.stringify({ size, taken: lines.length }) };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
