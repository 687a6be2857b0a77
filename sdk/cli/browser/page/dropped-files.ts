import type { NamedFile } from '../verify-files.ts';

/** Of browsers that have it; not among the types of all pages. */
type DroppedItem = {
  readonly getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
};
type Directory = { readonly values: () => AsyncIterable<FileSystemHandle> };

/** Files that were chosen, by their names below the folder that holds them all. */
export const chosenFiles = (list: FileList): readonly NamedFile[] =>
  [...list].map((file) => ({
    name: belowFolder(file.webkitRelativePath || file.name),
    content: file,
  }));

/**
 * Files that were dropped, those in folders included. Handles, as the older entries of folders cannot be read on a page from a
 * file (Chromium).
 * Where a browser has none, files alone can be dropped, and folders are chosen.
 */
export async function droppedFiles({ items, files }: DataTransfer): Promise<readonly NamedFile[]> {
  const plain = [...files];
  // The list is empty once anything was waited for.
  const asked = [...items].map((item) => (item as DroppedItem).getAsFileSystemHandle?.());
  const handles = (await Promise.all(asked)).flatMap((handle) => handle ?? []);
  if (handles.length === 0) return plain.map((file) => ({ name: file.name, content: file }));
  const found = (await Promise.all(handles.map((handle) => filesOf(handle, '')))).flat();
  const isOneFolder = handles.length === 1 && handles[0]?.kind === 'directory';
  return isOneFolder
    ? found.map(({ name, content }) => ({ name: belowFolder(name), content }))
    : found;
}

const isLog = (name: string): boolean => name.endsWith('.log');

/** A log's own folder is part of the names of its files. */
function belowFolder(path: string): string {
  const at = path.indexOf('/');
  return at === -1 || isLog(path.slice(0, at)) ? path : path.slice(at + 1);
}

async function filesOf(handle: FileSystemHandle, above: string): Promise<readonly NamedFile[]> {
  const name = `${above}${handle.name}`;
  if (handle.kind === 'file')
    return [{ name, content: await (handle as FileSystemFileHandle).getFile() }];
  const files: NamedFile[] = [];
  for await (const one of (handle as unknown as Directory).values())
    files.push(...(await filesOf(one, `${name}/`)));
  return files;
}
