/** Members that the API itself reads: to change one would break the request or what it refers to. */
const KEPT = new Set([
  'type',
  'role',
  'id',
  'name',
  'object',
  'status',
  'model',
  'detail',
  'format',
  'media_type',
  'mediaType',
  'mimeType',
  'mime_type',
  'signature',
  'thoughtSignature',
  'thought_signature',
  'encrypted_content',
  'encrypted_index',
  'redactedContent',
  'cache_control',
  'cachePoint',
  's3Location',
  'tools',
  'tool_choice',
  'toolChoice',
  'toolConfig',
  'functions',
  'function_call_id',
  'schema',
  'json_schema',
  'input_schema',
  'inputSchema',
  'response_format',
  'responseSchema',
  'parameters',
  'modelId',
  'toolUseId',
  'callId',
  'phase',
  'task_type',
  'taskType',
  'language',
  'voice',
  'stop',
  'encoding_format',
]);

const ADDRESSES = new Set(['image_url', 'url', 'uri', 'fileUri', 'file_uri', 'file_url']);

/** Kept, too: where a picture or a file is. */
export const isAddressKey = (key: string): boolean => ADDRESSES.has(key);

export function isKeptKey(key: string): boolean {
  return KEPT.has(key) || key.endsWith('_id') || key.endsWith('_ids');
}

/** Members whose value a tool takes or gives, if it is an object: its keys are the tool's, not the API's. */
const FREE = new Set([
  'arguments',
  'args',
  'input',
  'response',
  'json',
  'variables',
  'promptVariables',
  'metadata',
  'output',
]);

export function isFreeKey(key: string): boolean {
  return FREE.has(key);
}
