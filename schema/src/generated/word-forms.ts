// Made from the zod schemas by `npm run generate -w schema`; do not edit.
export type WordForm = { readonly alphabet: string; readonly first?: string; readonly max: number };

export const WORD_FORMS = {
  anomaly_code: { alphabet: 'a-z0-9_.-', first: 'a-z0-9', max: 64 },
  arch: { alphabet: 'a-z0-9_.-', max: 32 },
  capability: { alphabet: 'A-Za-z0-9._:/@+-', max: 64 },
  client: { alphabet: 'a-z0-9_.-', max: 32 },
  emitter: { alphabet: 'a-z0-9_.-', max: 64 },
  emitter_version: { alphabet: 'A-Za-z0-9._:/@+-', max: 64 },
  export_format: { alphabet: 'a-z0-9_.-', max: 32 },
  import_origin: { alphabet: 'A-Za-z0-9._:/@+-', max: 128 },
  kernel_release: { alphabet: 'A-Za-z0-9._:/@+-', max: 128 },
  lost_event_type: { alphabet: 'a-z0-9_.-', max: 64 },
  mcp_server: { alphabet: 'A-Za-z0-9._:/@+-', max: 128 },
  member_role: { alphabet: 'a-z0-9_.-', max: 32 },
  message_id: { alphabet: 'A-Za-z0-9._:/@+-', max: 128 },
  model: { alphabet: 'A-Za-z0-9._:/@+-', max: 128 },
  node: { alphabet: 'a-z0-9_.-', max: 253 },
  os: { alphabet: 'a-z0-9_.-', max: 32 },
  provider: { alphabet: 'a-z0-9_.-', max: 64 },
  reason_code: { alphabet: 'a-z0-9_.-', max: 64 },
  rule_id: { alphabet: 'A-Za-z0-9._:-', max: 64 },
  runtime: { alphabet: 'A-Za-z0-9._:/@+-', max: 64 },
  tls_library: { alphabet: 'a-z0-9_.-', max: 32 },
  tool_name: { alphabet: 'A-Za-z0-9._:/@+-', max: 128 },
  witness: { alphabet: 'A-Za-z0-9._:/@+-', max: 128 },
} as const satisfies Record<string, WordForm>;

export type WordField = keyof typeof WORD_FORMS;
