import type { NamedFile, Verified, VerifyRequest } from '../verify-files.ts';
import { chosenFiles, droppedFiles } from './dropped-files.ts';

type Answer = { readonly verified: Verified } | { readonly reason: string };

const files = new Map<string, NamedFile>();

/** @throws if the page has no such element. */
function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

const drop = element('drop', HTMLDivElement);
const names = element('names', HTMLUListElement);
const vkey = element('vkey', HTMLInputElement);
const witness = element('witness', HTMLTextAreaElement);
const button = element('verify', HTMLButtonElement);
const said = element('said', HTMLParagraphElement);
const reason = element('reason', HTMLParagraphElement);
const report = element('report', HTMLDivElement);

const SHOWN = 20;

function take(more: readonly NamedFile[]): void {
  for (const file of more) files.set(file.name, file);
  const items = [...files.keys()].sort().slice(0, SHOWN).map(itemOf);
  if (files.size > SHOWN) items.push(itemOf(`and ${files.size - SHOWN} more`));
  names.replaceChildren(...items);
  button.disabled = ledgers().length === 0;
}

function itemOf(text: string): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

/** Each stands for its whole family; disclosures, receipts and rotated files are named by none. */
const ledgers = (): readonly string[] =>
  [...files.keys()]
    .filter((name) => /^[^/]+\.ndjson$/.test(name))
    .filter((name) => !/\.(disclosures|w-[0-9a-f]{16}|[0-9]{6,12})\.ndjson$/.test(name))
    .filter((name) => !isReceipts(name));

const isReceipts = (name: string): boolean => name.endsWith('receipts.ndjson');

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const request = (): VerifyRequest => ({
  files: [...files.values()],
  ledgers: ledgers(),
  keyFile: [...files.keys()].filter((name) => name.endsWith('.key')),
  receipts: [...files.keys()].filter(isReceipts),
  vkey: linesOf(vkey.value),
  witness: linesOf(witness.value),
});

async function verify(): Promise<void> {
  const script = element('worker', HTMLScriptElement).textContent ?? '';
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(url);
  button.disabled = true;
  reason.textContent = '';
  said.textContent = 'Verifying…';
  report.replaceChildren();
  try {
    const started = performance.now();
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => resolve(data));
      worker.addEventListener('error', () =>
        reject(new Error('the verifier could not be started')),
      );
      worker.postMessage(request());
    });
    if ('reason' in answer) throw new Error(answer.reason);
    said.textContent = `Done in ${((performance.now() - started) / 1000).toFixed(1)} s.`;
    show(answer.verified);
  } catch (error) {
    said.textContent = '';
    reason.textContent = error instanceof Error ? error.message : String(error);
  } finally {
    worker.terminate();
    URL.revokeObjectURL(url);
    button.disabled = false;
  }
}

/** The report is a page of its own that runs nothing. */
function show({ outcome, page }: Verified): void {
  const frame = document.createElement('iframe');
  frame.title = 'Report';
  frame.setAttribute('sandbox', '');
  frame.srcdoc = page;
  report.replaceChildren(
    frame,
    download('vantio-report.html', 'text/html', page),
    ' ',
    download('vantio-report.json', 'application/json', `${JSON.stringify(outcome)}\n`),
  );
}

function download(name: string, type: string, text: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.textContent = `Save ${name}`;
  return link;
}

for (const id of ['files', 'folder']) {
  const input = element(id, HTMLInputElement);
  input.addEventListener('change', () => take(chosenFiles(input.files ?? new FileList())));
}
drop.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', async (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  if (event.dataTransfer === null) return;
  try {
    take(await droppedFiles(event.dataTransfer));
  } catch {
    reason.textContent = 'What was dropped cannot be read here: choose the folder instead.';
  }
});
button.addEventListener('click', verify);
