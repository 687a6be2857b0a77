/** What the verifier uses of `node:path`: files of a browser have names with slashes, wherever it runs. */
export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export function dirname(path: string): string {
  const at = path.lastIndexOf('/');
  return at === -1 ? '.' : path.slice(0, at);
}

export function join(...parts: readonly string[]): string {
  const kept: string[] = [];
  for (const part of parts.join('/').split('/'))
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (part !== '.' && (part !== '' || kept.length === 0)) kept.push(part);
  return kept[0] === '' && kept.length > 1 && !parts[0]?.startsWith('/')
    ? kept.slice(1).join('/')
    : kept.join('/') || '.';
}
