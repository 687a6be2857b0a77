import type { Provider } from '../body/body-facts.ts';

type Roots = {
  /** Members of a request with content in them. */
  readonly content: ReadonlySet<string>;
  /** Members with what a user made up, keys included. */
  readonly free: ReadonlySet<string>;
  /** Members with whole requests in them: batches. */
  readonly nested: ReadonlySet<string>;
};

const set = (...names: readonly string[]): ReadonlySet<string> => new Set(names);

/** Undefined: all members, by `content`'s rules. */
export const ROOTS: Readonly<Record<Provider, Roots | undefined>> = {
  openai: {
    content: set(
      'messages',
      'input',
      'instructions',
      'prompt',
      'suffix',
      'prediction',
      'query',
      'documents',
      'texts',
      'items',
      'item',
      'session',
      'response',
    ),
    free: set('metadata'),
    nested: set('body'),
  },
  anthropic: {
    content: set('messages', 'system', 'prompt'),
    free: set(),
    nested: set('requests', 'params'),
  },
  gemini: {
    content: set(
      'contents',
      'content',
      'systemInstruction',
      'system_instruction',
      'prompt',
      'title',
      'instances',
    ),
    free: set(),
    nested: set('requests', 'request', 'generateContentRequest', 'generate_content_request'),
  },
  bedrock: {
    content: set(
      'messages',
      'system',
      'prompt',
      'promptVariables',
      'inputText',
      'inputs',
      'instruction',
      'texts',
      'query',
      'message',
      'chat_history',
      'preamble',
      'documents',
      'input',
    ),
    free: set('requestMetadata'),
    nested: set(),
  },
  ollama: {
    content: set('messages', 'prompt', 'system', 'suffix', 'input'),
    free: set(),
    nested: set(),
  },
  generic: undefined,
};
