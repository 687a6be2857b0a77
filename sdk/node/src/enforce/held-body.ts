import type { BodyRuling, Inspection, ResponseWatch } from './body/body-guard.ts';
import { guardedOr } from './guarded.ts';

type Done = (error?: Error | null) => void;

/** Where a held body goes once it is decided what becomes of it. One of the first three is called, once. */
export type Outlet = {
  /** While the first policy is on its way. */
  readonly awaited: Promise<void> | undefined;
  inspectionOf(): Inspection | undefined;
  refuse(error: Error): void;
  send(
    body: Buffer,
    before: Buffer,
    watch: ResponseWatch | undefined,
    done: Done | undefined,
  ): void;
  /** The body goes as it comes. @returns the stream's own methods. */
  pass(watch: ResponseWatch | undefined): {
    write(chunk: unknown, encoding: unknown, done: Done): unknown;
    end(done: Done): void;
  };
  isGone(): boolean;
};

/** `write` and `end` of a stream whose body is held back until it is whole, or more than may be held. */
export function heldBody(outlet: Outlet) {
  let pieces: Buffer[] = [];
  let size = 0;
  let ended: Done | true | undefined;
  let inspection: Inspection | undefined;
  let waiting = outlet.awaited;
  let through: ReturnType<Outlet['pass']> | undefined;
  let over = false;

  if (waiting)
    void waiting.then(() => {
      waiting = undefined;
      if (over || outlet.isGone()) return;
      inspection = outlet.inspectionOf();
      if (!inspection || inspection.maxBytes === 0) passOn(inspection?.pass());
      else settle();
    });
  else inspection = outlet.inspectionOf();

  function settle(): void {
    if (!inspection || over || waiting) return;
    if (size > inspection.maxBytes) {
      const outcome = inspection.giveUp('size');
      if ('error' in outcome) refuse(outcome.error);
      else passOn(outcome.watch);
      return;
    }
    if (ended === undefined) return;
    const before = Buffer.concat(pieces, size);
    pieces = [];
    const held = inspection;
    const ruling = guardedOr(
      'looking at a body',
      { kind: 'send', bytes: before } as BodyRuling,
      () => held.inspect(before),
    );
    if (!('kind' in ruling) || ruling.kind === 'block') {
      refuse(ruling.error);
      return;
    }
    over = true;
    const { bytes, watch } = ruling;
    const done = typeof ended === 'function' ? ended : undefined;
    outlet.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), before, watch, done);
  }

  function refuse(error: Error): void {
    over = true;
    pieces = [];
    outlet.refuse(error);
  }

  function passOn(watch: ResponseWatch | undefined): void {
    over = true;
    through = outlet.pass(watch);
    const held = pieces;
    pieces = [];
    for (const bytes of held) through.write(bytes, undefined, nothing);
    if (ended !== undefined) through.end(typeof ended === 'function' ? ended : nothing);
  }

  return {
    write(...args: unknown[]): unknown {
      const { chunk, encoding, done } = argumentsOf(args);
      if (through) return through.write(chunk, encoding, done ?? nothing);
      if (over) return false;
      const bytes = bytesOf(chunk, encoding);
      size += bytes.length;
      pieces.push(bytes);
      // Some clients end a body only once its last part is said to be written: it is, as far as they can tell.
      if (done) process.nextTick(done, null);
      settle();
      return true;
    },
    end(...args: unknown[]): void {
      const { chunk, encoding, done } = argumentsOf(args);
      if (chunk !== undefined && chunk !== null) this.write(chunk, encoding);
      if (through) through.end(done ?? nothing);
      else if (!over && ended === undefined) {
        ended = done ?? true;
        settle();
      }
    },
  };
}

const nothing = (): void => undefined;

function argumentsOf(args: readonly unknown[]) {
  const done = args.find((argument) => typeof argument === 'function') as Done | undefined;
  const [chunk, encoding] = args.filter((argument) => typeof argument !== 'function');
  return { chunk, encoding, done };
}

/** @throws as Node does, for what is no chunk. */
function bytesOf(chunk: unknown, encoding: unknown): Buffer {
  if (typeof chunk === 'string')
    return Buffer.from(
      chunk,
      Buffer.isEncoding(String(encoding)) ? (encoding as BufferEncoding) : 'utf8',
    );
  if (ArrayBuffer.isView(chunk))
    // A copy: the caller may use its memory again once it has been told that the write is done.
    return Buffer.from(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  throw new TypeError('a chunk of a request is a string or bytes');
}
