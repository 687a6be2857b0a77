import type { JsonSchema } from './record-json-schema.ts';

// Of all alphabets only those of words hold a dot and an underscore and no percent sign.
const WORD =
  /^\^(?:\[(?<first>[^\]]+)\])?\[(?<alphabet>(?=[^\]]*\.)(?=[^\]]*_)[^\]%]+)\]\{[01],(?<count>\d+)\}\$$/;

/** TypeScript source of `WORD_FORMS`: what a word of each field may be made of, for those who write words. */
export function wordFormsSource({ properties }: JsonSchema): string {
  const lines = Object.keys(properties)
    .sort()
    .flatMap((name) => {
      const { first, alphabet, count } = WORD.exec(properties[name]?.pattern ?? '')?.groups ?? {};
      if (alphabet === undefined) return [];
      const max = Number(count) + (first === undefined ? 0 : 1);
      return [
        `  ${name}: { alphabet: '${alphabet}', ${first ? `first: '${first}', ` : ''}max: ${max} },`,
      ];
    });
  return `// Made from the zod schemas by \`npm run generate -w schema\`; do not edit.
export type WordForm = { readonly alphabet: string; readonly first?: string; readonly max: number };

export const WORD_FORMS = {
${lines.join('\n')}
} as const satisfies Record<string, WordForm>;

export type WordField = keyof typeof WORD_FORMS;
`;
}
