import type { VerifyOutcome } from '../src/verify/outcome.ts';
import { runVerify, type VerifyOptions } from '../src/verify/run-verify.ts';
import { setCommandLine } from './invocation.ts';
import { type Content, mount, READS_IN_PIECES, writtenAt } from './node/fs.ts';
import { oneAtATime, withAnswers } from './signature-answers.ts';

export type NamedFile = {
  /** With slashes where it lies in a folder: `ledger.ndjson`, `ledger.log/checkpoint`. */
  readonly name: string;
  readonly content: Blob | ArrayBuffer | Uint8Array | string;
};

export type VerifyRequest = Partial<Omit<VerifyOptions, 'html' | 'threads'>> & {
  /** All that there is: ledgers, their logs, and the files that the options name. */
  readonly files: readonly NamedFile[];
  /** Names of the ledgers to verify, as on the command line. */
  readonly ledgers: readonly string[];
};

export type Verified = {
  /** What `vantio verify --json` prints. */
  readonly outcome: VerifyOutcome;
  /** What `vantio verify --html` writes. */
  readonly page: string;
};

const NONE: VerifyOptions = {
  keyFile: [],
  sessionRoot: [],
  expectHead: [],
  vkey: [],
  witness: [],
  receipts: [],
  checkpoint: [],
};
/** No file is called so: a name of a file has no NUL. */
const PAGE = 'page\0';

/**
 * `vantio verify` over files that are at hand. In a worker it reads Blobs piece by piece, and holds no more of them; elsewhere
 * it holds all files.
 * @throws {Error} a sentence for whoever named the files: what cannot be read, or is not of the right form.
 */
export async function verifyFiles({ files, ledgers, ...given }: VerifyRequest): Promise<Verified> {
  const contents = new Map<string, Content>();
  for (const { name, content } of files) contents.set(name, await contentOf(content));
  const options = { ...NONE, ...given, html: PAGE, threads: 1 };
  return oneAtATime(() =>
    withAnswers(async () => {
      mount(contents);
      setCommandLine(['vantio-verify', ...ledgers]);
      const outcome = await runVerify(ledgers, options);
      return { outcome, page: writtenAt(PAGE) ?? '' };
    }),
  );
}

async function contentOf(content: NamedFile['content']): Promise<Content> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return content;
  if (content instanceof ArrayBuffer) return new Uint8Array(content);
  return READS_IN_PIECES ? content : new Uint8Array(await content.arrayBuffer());
}
