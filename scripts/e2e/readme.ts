export type Block = {
  readonly language: string;
  readonly text: string;
  /** From a `<!-- file: NAME -->` line above the fence: where the reader is told to save it. */
  readonly file?: string;
};

const FENCE = /(?:<!-- file: (?<file>\S+) -->\n)?```(?<language>\w*)\n(?<text>[\s\S]*?)^```$/gm;

/** The fenced blocks of a Markdown text, in order. */
export function readBlocks(markdown: string): Block[] {
  return [...markdown.matchAll(FENCE)].map(({ groups = {} }) => ({
    language: groups.language ?? '',
    text: groups.text ?? '',
    ...(groups.file === undefined ? {} : { file: groups.file }),
  }));
}

/** The commands that a reader is told to type, one a line. */
export function readCommands(blocks: readonly Block[]): string[] {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line !== '' && !line.startsWith('#'));
}
