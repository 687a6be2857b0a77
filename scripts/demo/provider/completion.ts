/** What every stand-in answer is made of: the words to send, and what they cost in tokens. */
export type Completion = {
  readonly words: readonly string[];
  readonly text: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

const ANSWER = 'The stand-in model heard you and answers with the same sentence every time.';

/** One token a word: no tokenizer of anyone's, but the same count in JSON and in a stream. */
export function countTokens(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

/** All strings below `value`: the shapes of a prompt differ by provider, its words do not. */
function wordsOf(value: unknown): number {
  if (typeof value === 'string') return countTokens(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, part) => sum + wordsOf(part), 0);
}

export function complete(prompt: unknown): Completion {
  const words = ANSWER.split(' ').map((word, index) => (index === 0 ? word : ` ${word}`));
  return {
    words,
    text: ANSWER,
    inputTokens: wordsOf(prompt),
    outputTokens: countTokens(ANSWER),
  };
}
