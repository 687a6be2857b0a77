import { decodeBase64 } from '@vantio/schema/tlog/note';
import { HASH_BYTES } from '@vantio/schema/tlog/tree-hash';
import { CliError } from '../cli-error.ts';

/**
 * The endpoints of a log that a witness asks: schema/log.md, section 3. Each call throws `CliError`, one sentence, or the
 * reason of the signal.
 */
export type LogClient = {
  readonly checkpoint: () => Promise<string>;
  /** How the log's keys took over from each other: rotation notes, from the first. */
  readonly rotations: () => Promise<readonly string[]>;
  readonly consistency: (first: number, second: number) => Promise<readonly Uint8Array[]>;
  /** A tlog-proof of a record of the key's tenant; undefined if the log does not hold it. */
  readonly proof: (eventId: string) => Promise<string | undefined>;
  /** @param note a checkpoint with our line. */
  readonly postCosignature: (note: string) => Promise<void>;
};

export type LogClientOptions = {
  readonly url: string;
  readonly apiKey: string;
  readonly signal: AbortSignal;
};

const TIMEOUT_MILLIS = 10_000;
/** As many bytes as a note may have characters: no answer is larger. */
const MAX_BYTES = 1_000_000;
const MAX_HASHES = 63;
/** A key a week for two years. */
const MAX_ROTATIONS = 100;

class AnswerError extends CliError {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** @throws {CliError} if the URL is none. */
export function createLogClient({ url, apiKey, signal }: LogClientOptions): LogClient {
  const base = baseOf(url);
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    try {
      return await answerTo(new URL(path, base), {
        ...init,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'text/plain; charset=utf-8' },
        // A key is for the server that was named, not for one that it names.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MILLIS)]),
      });
    } catch (error) {
      // That we were told to end says nothing of the log.
      signal.throwIfAborted();
      throw error;
    }
  };
  const found = async (path: string): Promise<string | undefined> => {
    try {
      return await ask(path);
    } catch (error) {
      if (error instanceof AnswerError && error.status === 404) return undefined;
      throw error;
    }
  };
  return {
    checkpoint: () => ask('api/v1/checkpoint'),
    rotations: async () => {
      const notes: string[] = [];
      while (notes.length < MAX_ROTATIONS) {
        const note = await found(`api/v1/rotations/${notes.length + 1}`);
        if (note === undefined) break;
        notes.push(note);
      }
      return notes;
    },
    consistency: async (first, second) =>
      hashesIn(await ask(`api/v1/consistency/${first}/${second}`)),
    proof: (eventId) => found(`api/v1/proof/${eventId}`),
    postCosignature: async (note) => {
      await ask('api/v1/cosignatures', { method: 'POST', body: note });
    },
  };
}

function baseOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url.endsWith('/') ? url : `${url}/`) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol))
    throw new CliError(
      '--url wants the address of a control plane, such as https://vantio.example',
    );
  return base;
}

async function answerTo(url: URL, init: RequestInit): Promise<string> {
  const what = `${init.method ?? 'GET'} ${url.pathname}`;
  try {
    const response = await fetch(url, init);
    const text = await boundedText(response);
    if (response.status !== 200)
      throw new AnswerError(
        `${what} was answered ${response.status}${problemIn(text)}.`,
        response.status,
      );
    return text;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${what} failed (${causeOf(error)}).`);
  }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new CliError(`the answer is over ${MAX_BYTES} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The code of an RFC 9457 problem. Nothing else of an answer is said on: it may be anyone's. */
function problemIn(text: string): string {
  const [, code] = /"type":"urn:vantio:problem:([a-z_]{1,40})"/.exec(text) ?? [];
  return code === undefined ? '' : ` (${code})`;
}

function causeOf(error: unknown): string {
  const { cause, name } = error as Error;
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? name;
}

function hashesIn(text: string): readonly Uint8Array[] {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const hashes = lines.map(decodeBase64);
  if (lines.length > MAX_HASHES || !hashes.every((hash) => hash?.length === HASH_BYTES))
    throw new CliError('the answer to GET /api/v1/consistency is not one of hashes.');
  return hashes as readonly Uint8Array[];
}
