import { isOurs } from './agents.ts';
import type { BodyGuard } from './body/body-guard.ts';
import { inForce } from './in-force.ts';
import type { Patches } from './patches.ts';
import { failHandler, type Handler } from './undici-handler.ts';
import { type DispatchOptions, type KnownBody, sendJudged } from './undici-request.ts';

type Dispatch = (options: DispatchOptions, handler: Handler) => boolean;
type Dispatcher = { dispatch: Dispatch };
type Globals = Record<symbol, Dispatcher | undefined>;

/** Node's own fetch and the undici that a program installs each look for their dispatcher under one of these. */
const GLOBALS = ['undici.globalDispatcher.1', 'undici.globalDispatcher.2'].map(Symbol.for);

/** Depth of dispatches that were judged here, so that what they do at once is not judged again. */
let passing = 0;
export const isPassing = (): boolean => passing > 0;

/** Hands requests of one fetch to the guarded dispatcher, with the body that the program gave it. */
export type ForBody = (body: KnownBody) => object | undefined;

/** @returns the names of what was found and is guarded. */
export function guardDispatchers(patches: Patches, guard: BodyGuard): readonly string[] {
  // Node makes its own when something of fetch is first used.
  void new Request('http://localhost/');
  const globals = globalThis as unknown as Globals;
  const found = GLOBALS.filter((symbol) => typeof globals[symbol]?.dispatch === 'function');
  const before = found.map((symbol) => globals[symbol] as Dispatcher);
  const after = before.map((dispatcher, at) => {
    const guarded = composed(dispatcher, guard);
    patches.set(globalThis, found[at] as symbol, guarded.dispatcher);
    return guarded;
  });
  forBody = fetchsOwn(before, found, after);
  patches.onUndo(() => {
    forBody = undefined;
  });
  return found.map(({ description }) => description ?? '');
}

let forBody: ForBody | undefined;

/** @returns what to give fetch for its dispatcher; undefined: what it has of its own is to stay. */
export const dispatcherFor: ForBody = (body) => forBody?.(body);

type Guarded = { readonly dispatcher: Dispatcher; readonly dispatch: GuardedDispatch };

/** fetch's own is the last of those that Node has; two that differ are so from undici 8 on. */
function fetchsOwn(
  before: readonly Dispatcher[],
  found: readonly symbol[],
  after: readonly Guarded[],
): ForBody | undefined {
  const [symbol, guarded] = [found.at(-1), after.at(-1)];
  const isOne = before.every((dispatcher) => dispatcher === before[0]);
  const isSplit = Number.parseInt(process.versions.undici ?? '', 10) >= 8;
  if (!symbol || !guarded || !(isOne || isSplit)) return undefined;
  const globals = globalThis as unknown as Globals;
  return (body) => {
    // Somebody has put another in its place.
    if (globals[symbol] !== guarded.dispatcher) return undefined;
    const own = Object.create(guarded.dispatcher) as Dispatcher;
    own.dispatch = (options, handler) => guarded.dispatch(options, handler, body);
    return own;
  };
}

/** What undici's own `compose` makes: the dispatcher itself with another `dispatch`. */
function composed(dispatcher: Dispatcher, guard: BodyGuard): Guarded {
  const dispatch = guardedDispatch((options, handler) => {
    passing++;
    try {
      return dispatcher.dispatch(options, handler);
    } finally {
      passing--;
    }
  }, guard);
  return {
    dispatch,
    dispatcher: new Proxy(dispatcher, {
      get: (target, name) => (name === 'dispatch' ? dispatch : Reflect.get(target, name, target)),
    }),
  };
}

type GuardedDispatch = (options: DispatchOptions, handler: Handler, known?: KnownBody) => boolean;

const guardedDispatch =
  (dispatch: Dispatch, guard: BodyGuard): GuardedDispatch =>
  (options, handler, known) => {
    if (isOurs()) return dispatch(options, handler);
    const first = inForce.awaited();
    if (first === undefined) return sendJudged({ options, handler, dispatch, known }, guard);
    void first.then(() => {
      try {
        sendJudged({ options, handler, dispatch, known }, guard);
      } catch (error) {
        failHandler(handler, error as Error);
      }
    });
    return true;
  };
