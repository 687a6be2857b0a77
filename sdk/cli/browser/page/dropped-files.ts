import type { NamedFile } from '../verify-files.ts';

/** Files that were chosen or dropped, by their names below the folder that holds them all. */
export const chosenFiles = (list: FileList): readonly NamedFile[] =>
  [...list].map((file) => ({
    name: belowFolder(file.webkitRelativePath || file.name),
    content: file,
  }));

export async function droppedFiles({ items }: DataTransfer): Promise<readonly NamedFile[]> {
  // The list is empty once anything was waited for.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found = (await Promise.all(entries.map((entry) => filesOf(entry, '')))).flat();
  const isOneFolder = entries.length === 1 && entries[0]?.isDirectory && !isLog(entries[0].name);
  return isOneFolder
    ? found.map(({ name, content }) => ({ name: belowFolder(name), content }))
    : found;
}

const isLog = (name: string): boolean => name.endsWith('.log');

function belowFolder(path: string): string {
  const at = path.indexOf('/');
  return at === -1 || isLog(path.slice(0, at)) ? path : path.slice(at + 1);
}

async function filesOf(entry: FileSystemEntry, above: string): Promise<readonly NamedFile[]> {
  const name = `${above}${entry.name}`;
  if (entry.isFile)
    return [{ name, content: await done<File>((...then) => asFile(entry).file(...then)) }];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: NamedFile[] = [];
  // It hands out a hundred at a time, until there are none.
  for (;;) {
    const some = await done<FileSystemEntry[]>((...then) => reader.readEntries(...then));
    if (some.length === 0) return files;
    for (const one of some) files.push(...(await filesOf(one, `${name}/`)));
  }
}

const asFile = (entry: FileSystemEntry): FileSystemFileEntry => entry as FileSystemFileEntry;

const done = <T>(
  ask: (then: (value: T) => void, otherwise: (error: DOMException) => void) => void,
): Promise<T> => new Promise(ask);
