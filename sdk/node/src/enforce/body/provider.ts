import type { Provider } from '@vantio/schema/redact/body/body-facts';

const HOSTS: readonly (readonly [RegExp, Provider])[] = [
  [/(^|\.)openai\.com$|\.openai\.azure\.com$/, 'openai'],
  [/(^|\.)anthropic\.com$/, 'anthropic'],
  [/^generativelanguage\.googleapis\.com$|aiplatform\.googleapis\.com$/, 'gemini'],
  [/^bedrock-runtime[.-].*\.amazonaws\.com(\.cn)?$/, 'bedrock'],
];
/** Gateways and local servers speak a provider's API under any name: its paths tell. */
const PATHS: readonly (readonly [RegExp, Provider])[] = [
  [/\/(chat\/completions|completions|responses|embeddings)$/, 'openai'],
  [/\/v1\/messages(\/count_tokens)?$/, 'anthropic'],
  [/:(streamG|g)enerateContent$|:(batchE|e)mbedContents?$|:countTokens$|:predict$/, 'gemini'],
  [/\/model\/[^/]+\/(converse|converse-stream|invoke|invoke-with-response-stream)$/, 'bedrock'],
  [/\/api\/(chat|generate|embed|embeddings)$/, 'ollama'],
];

export type Known = Exclude<Provider, 'generic'>;

/** Whether a request to it names a model. */
export const isModelPath = (path: string): boolean => known(path) !== undefined;

const bare = (path: string): string => path.split('?', 1)[0] ?? '';
let last: { readonly path: string; readonly provider: Known | undefined } | undefined;

/** Programs ask for few paths, and each is asked about more than once. */
function known(path: string): Known | undefined {
  if (last?.path !== path) last = { path, provider: find(PATHS, bare(path)) };
  return last?.provider;
}

function find(table: typeof PATHS, text: string): Known | undefined {
  for (const [pattern, provider] of table) if (pattern.test(text)) return provider as Known;
  return undefined;
}

/** Whose API a request speaks, by its path or else its host. */
export function providerOf(host: string, path: string): Known | undefined {
  const name = host.toLowerCase();
  return known(path) ?? find(HOSTS, name);
}

/** The model of a request whose path names it (Gemini, Bedrock, Azure). */
export function modelInPath(path: string): string | undefined {
  const [, gemini] = /\/models\/([^/:?]+):/.exec(path) ?? [];
  const [, bedrock] = /\/model\/([^/?]+)\//.exec(path) ?? [];
  const [, azure] = /\/deployments\/([^/?]+)\//.exec(path) ?? [];
  const found = gemini ?? bedrock ?? azure;
  if (found === undefined) return undefined;
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}

/** What is asked of a model, in the words of OpenTelemetry's conventions. */
export function operationOf(path: string): string {
  if (/embed/i.test(bare(path))) return 'embeddings';
  if (/[a-z]enerateContent$/.test(bare(path))) return 'generate_content';
  return bare(path).endsWith('/completions') && !bare(path).endsWith('/chat/completions')
    ? 'text_completion'
    : 'chat';
}
