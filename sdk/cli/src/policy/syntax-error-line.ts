const TOKEN = /[{}[\],:]|"(?:[^"\\\n]|\\.)*"|[^\s{}[\],:"]+|"/g;

type Wanted = 'value' | 'element or end' | 'name' | 'name or end' | 'colon' | 'comma or end';

/**
 * Line, from 1, of the first token of a text that cannot stand where it does in JSON, or its last line if that breaks off:
 * what `JSON.parse` throws names no place for some of them.
 */
export function syntaxErrorLine(text: string): number {
  const open: string[] = [];
  let wanted: Wanted = 'value';
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const isOver: boolean = open.length === 0 && wanted === 'comma or end';
    const next: Wanted | undefined = isOver ? undefined : after(token, wanted, open);
    if (next === undefined) return lineAt(text, index);
    wanted = next;
  }
  return lineAt(text.trimEnd(), text.length);
}

/** What may follow a token, which is put on or taken off what is open; `undefined` where it may not stand. */
function after(token: string, wanted: Wanted, open: string[]): Wanted | undefined {
  const isValue = wanted === 'value' || wanted === 'element or end';
  const isEnd = wanted === 'comma or end' || wanted.endsWith(' or end');
  switch (token) {
    case '{':
    case '[':
      open.push(token);
      return isValue ? (token === '{' ? 'name or end' : 'element or end') : undefined;
    case '}':
    case ']':
      return isEnd && open.pop() === (token === '}' ? '{' : '[') ? 'comma or end' : undefined;
    case ',':
      if (wanted !== 'comma or end') return undefined;
      return open.at(-1) === '{' ? 'name' : 'value';
    case ':':
      return wanted === 'colon' ? 'value' : undefined;
    default:
      if (!isJson(token) || wanted === 'colon' || wanted === 'comma or end') return undefined;
      if (isValue) return 'comma or end';
      return token.startsWith('"') ? 'colon' : undefined;
  }
}

function isJson(token: string): boolean {
  try {
    JSON.parse(token);
    return true;
  } catch {
    return false;
  }
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;
