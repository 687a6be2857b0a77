import type { Readable, Writable } from 'node:stream';
import { microtask } from '../../context/main-realm.ts';
import { createConversation } from '../../mcp/conversation.ts';
import { keyOf, messagesIn, parsed, UNREAD_CALL } from '../../mcp/json-rpc.ts';
import { CLOSED } from '../../mcp/outcome.ts';
import type { VantioBlockedError } from '../blocked-error.ts';
import { guardedOr } from '../guarded.ts';
import { inForce } from '../in-force.ts';
import { quietly } from './answer.ts';
import { asBuffer, insertLines } from './insert-lines.ts';
import { createLines, type Line } from './lines.ts';

const MAX_LINE = 8 * 1024 * 1024;

type Done = (error?: Error | null) => void;
type Write = (chunk: unknown, encoding?: unknown, done?: unknown) => boolean;

/** One client and one server over the pipes of a child. */
export type Talk = {
  /** @throws {VantioBlockedError} when the chunk is one message, and refused: not a byte of it is written. */
  write: Write;
  /** @param end ends the pipe itself: at once, or when what waits is written */
  end(end: () => void): void;
};

/**
 * Judges what a client writes to its child line by line. A refusal is thrown where the client itself writes a message, as
 * the official SDK does; where there is nobody to catch it, it is given as the server's answer.
 */
export function createTalk(stdin: Writable, stdout: Readable, write: Write): Talk {
  const conversation = createConversation({ transport: 'stdio', target: {} });
  const outgoing = createLines(MAX_LINE);
  const answer = insertLines(stdout, MAX_LINE, {
    hears: (line) => conversation.hears(parsed(line.toString()), line.length),
    over: (isRead) => conversation.ends(isRead ? CLOSED : { outcome: 'unknown' }),
  });
  /** What becomes of the parts of a line that is too long to be held. */
  let fate: VantioBlockedError | 'go' | undefined;
  let waiting: Promise<void> | undefined;

  function judge({ bytes, isWhole }: Line): VantioBlockedError | undefined {
    const known = isWhole ? undefined : fate;
    const error = known === undefined ? judged(bytes, isWhole) : undefined;
    if (isWhole) return error;
    const decided = known ?? error ?? 'go';
    fate = bytes.at(-1) === 10 ? undefined : decided;
    return decided === 'go' ? undefined : decided;
  }

  function judged(bytes: Buffer, isWhole: boolean): VantioBlockedError | undefined {
    const sent = guardedOr('judging a tool', undefined, () => {
      const size = bytes.length - (bytes.at(-1) === 10 ? 1 : 0);
      return conversation.sends(isWhole ? parsed(bytes.toString()) : UNREAD_CALL, size);
    });
    return sent && 'error' in sent ? (sent.error as VantioBlockedError) : undefined;
  }

  function writeLines(lines: readonly Line[], done: Done | undefined): boolean {
    const going = lines.filter((line) => {
      const error = judge(line);
      if (error) answer(answerTo(line, error));
      return error === undefined;
    });
    if (going.length > 0) return write(Buffer.concat(going.map(({ bytes }) => bytes)), done);
    if (done) microtask(() => done(null));
    return true;
  }

  /** In turn. */
  function later(first: Promise<void>, body: () => unknown): void {
    const turn: Promise<void> = first.then(() => {
      if (waiting === turn) waiting = undefined;
      quietly(body);
    });
    waiting = turn;
  }

  return {
    write(chunk, encoding, last) {
      // Node says what is wrong with it.
      if (!isChunk(chunk)) return write(chunk, encoding, last);
      const done = [encoding, last].find((each) => typeof each === 'function') as Done | undefined;
      const lines = outgoing.push(bytesOf(chunk, encoding));
      const first = waiting ?? inForce.awaited();
      if (first) {
        later(first, () => writeLines(lines, done));
        return true;
      }
      const [line] = lines;
      const isOne = lines.length === 1 && outgoing.isAtStart() && !isPipedInto(stdin);
      if (!isOne || !line) return writeLines(lines, done);
      const error = judge(line);
      if (error) throw error;
      return write(line.bytes, done);
    },
    end(end) {
      const finish = (): void => {
        const rest = outgoing.rest();
        if (rest.length > 0) writeLines([{ bytes: rest, isWhole: true }], undefined);
        end();
      };
      if (waiting) later(waiting, finish);
      else finish();
    },
  };
}

const isPipedInto = (stdin: Writable): boolean => stdin.listenerCount('unpipe') > 0;

/** What a client gets for each request of a message that was refused: JSON-RPC's "server error", with the reason. */
function answerTo({ bytes }: Line, { message, code, ruleId, traceId }: VantioBlockedError): Buffer {
  const value = parsed(bytes.toString());
  const errors = messagesIn(value)
    .filter((each) => keyOf(each) !== undefined && each.method !== undefined)
    .map(({ id }) => ({
      jsonrpc: '2.0',
      id,
      error: { code: -32_000, message, data: { code, ruleId, traceId } },
    }));
  if (errors.length === 0) return Buffer.alloc(0);
  return Buffer.from(`${JSON.stringify(Array.isArray(value) ? errors : errors[0])}\n`);
}

const isChunk = (chunk: unknown): boolean =>
  typeof chunk === 'string' || chunk instanceof Uint8Array;

const bytesOf = (chunk: unknown, encoding: unknown): Buffer =>
  typeof chunk === 'string'
    ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
    : asBuffer(chunk as Uint8Array);
