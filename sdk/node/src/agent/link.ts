import { connect } from 'node:net';
import { guard } from '../context/guard.ts';
import { later } from '../context/main-realm.ts';
import { EXEMPT, storage } from '../context/span.ts';

/** One connection to the agent. It never keeps the host running, and never waits. */
export type Link = {
  say(line: string): void;
};

/** Messages that wait for their answer: few enough for the kernel to take them all at once, so that no write is ever pending. */
const UNANSWERED = 64;
const LONGEST_ANSWER = 4096;
/** Answers wait so long, or until there are so many: to read each by itself costs more than to say what it answers. */
const READ_MS = 20;
const READ_COUNT = UNANSWERED / 8;
const NO_AGENT = 'what answers is no agent';

/**
 * @param answered is told of each answer, whether it was a good one.
 * @param lost is called once, when nothing more can be said: whatever was said since the last answer may be lost.
 */
export function createLink(
  path: string,
  answered: (ok: boolean) => void,
  lost: (why: string) => void,
): Link {
  const early: string[] = [];
  let unanswered = 0;
  let connected = false;
  let over = false;
  let isPaused = false;
  let rest = '';

  const answers = Buffer.alloc(LONGEST_ANSWER);
  const heard = guard('the answer of the agent', (bytes: number) =>
    read(answers.toString('latin1', 0, bytes)),
  );
  const onread = {
    buffer: answers,
    callback(bytes: number): boolean {
      heard(bytes);
      return true;
    },
  };
  const socket = storage.run(EXEMPT, () => connect({ path, onread }));
  socket.unref();

  function fail(why: string): void {
    if (over) return;
    over = true;
    socket.destroy();
    lost(why);
  }

  function write(line: string): void {
    socket.write(line);
    // What the kernel did not take would keep the host from ending.
    if (socket.writableLength > 0) fail('the agent does not listen');
  }

  /** An answer to each message, in their order; anything else is no agent of ours. */
  function read(text: string): void {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const ok = line === '{"ok":true}';
      const isAnswer = ok || line.startsWith('{"ok":');
      if (unanswered === 0 || !isAnswer) fail(NO_AGENT);
      if (over) return;
      unanswered--;
      answered(ok);
    }
    if (rest.length > LONGEST_ANSWER) fail(NO_AGENT);
  }

  socket.on('error', () => fail('the agent cannot be reached'));
  socket.on('close', () => fail('the agent is gone'));
  socket.on(
    'connect',
    guard('connecting to the agent', () => {
      connected = true;
      for (const line of early.splice(0)) if (!over) write(line);
    }),
  );

  function readLater(): void {
    if (isPaused) return;
    isPaused = true;
    socket.pause();
    later(readNow, READ_MS).unref();
  }

  function readNow(): void {
    if (!isPaused) return;
    isPaused = false;
    if (!over) socket.resume();
  }

  return {
    say(line) {
      if (unanswered === UNANSWERED) fail('the agent is slow');
      if (over) return;
      unanswered++;
      if (!connected) {
        early.push(line);
        return;
      }
      if (unanswered < READ_COUNT) readLater();
      else readNow();
      write(line);
    },
  };
}
