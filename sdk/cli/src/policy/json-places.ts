import { pathText } from '@vantio/schema/policy/parse-policy';

export type JsonPlaces = {
  /** Line, from 1, on which a member or element begins, by its path such as `blocked_hosts[3].host`. */
  readonly lineOf: ReadonlyMap<string, number>;
  /** Paths of members whose name stood before in the same object: JSON readers take the last and say nothing. */
  readonly twice: readonly string[];
};

const TOKEN = /[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/g;

/** No policy nests deeper; what lies below has the place of what it is in. */
const MAX_DEPTH = 32;

type Frame = { readonly names?: Set<string>; part: string | number | undefined };

/** @param text that `JSON.parse` takes. */
export function jsonPlaces(text: string): JsonPlaces {
  const lineOf = new Map<string, number>([['', 1]]);
  const twice: string[] = [];
  const frames: Frame[] = [];
  let line = 1;
  let read = 0;
  let isName = false;

  const path = (): string =>
    pathText(frames.map(({ part }) => part).filter((part) => part !== undefined));
  const note = (): void => {
    if (frames.length <= MAX_DEPTH && !lineOf.has(path())) lineOf.set(path(), line);
  };
  const enter = (): void => {
    const frame = frames.at(-1);
    if (frame === undefined || frame.names !== undefined) return;
    frame.part = typeof frame.part === 'number' ? frame.part + 1 : 0;
    note();
  };

  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    for (; read < index; read++) if (text.charCodeAt(read) === 10) line++;
    const frame = frames.at(-1);
    if (token === '{' || token === '[') {
      if (!isName) enter();
      frames.push(token === '{' ? { names: new Set(), part: undefined } : { part: undefined });
      isName = token === '{';
    } else if (token === '}' || token === ']') {
      frames.pop();
      isName = false;
    } else if (token === ',') isName = frame?.names !== undefined;
    else if (token === ':') isName = false;
    else if (isName && frame?.names !== undefined) {
      const name = JSON.parse(token) as string;
      frame.part = name;
      if (frame.names.has(name) && frames.length <= MAX_DEPTH) twice.push(path());
      frame.names.add(name);
      note();
    } else enter();
  }
  return { lineOf, twice };
}
