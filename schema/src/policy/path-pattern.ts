export type PathPattern =
  | { readonly kind: 'exact'; readonly path: string }
  /** All below the folder, which is written with its last slash. */
  | { readonly kind: 'below'; readonly folder: string }
  | { readonly kind: 'named'; readonly name: string };

/** Reads `/usr/bin/curl`, `/etc/**` or `**\/.env`; undefined for anything else. */
export function readPathPattern(text: string): PathPattern | undefined {
  if (text.startsWith('**/')) {
    const name = text.slice(3);
    return isSegment(name) ? { kind: 'named', name } : undefined;
  }
  if (!text.startsWith('/')) return undefined;
  const isFolder = text.endsWith('/**');
  const path = isFolder ? text.slice(0, -3) : text;
  const segments = path.split('/').slice(1);
  if (path !== '' && !segments.every(isSegment)) return undefined;
  if (isFolder) return { kind: 'below', folder: `${path}/` };
  return path === '' ? undefined : { kind: 'exact', path };
}

const isSegment = (text: string): boolean =>
  /^[^/*\0]+$/.test(text) && text !== '.' && text !== '..' && text.isWellFormed();

/** An absolute path with `.`, `..` and empty segments taken out, as text: links are not followed. */
export function plainPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/'))
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  return `/${kept.join('/')}`;
}
