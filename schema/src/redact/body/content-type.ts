export type ContentType = {
  readonly kind: 'json' | 'lines' | 'text' | 'form' | 'multipart' | 'binary';
  /** Undefined: none was given, or the charset is one that we read. */
  readonly isForeignCharset: boolean;
  readonly boundary: string | undefined;
};

let last: { readonly header: string | undefined; readonly type: ContentType } | undefined;

/** What a body says it is; without a word it is taken for text, which may be JSON: fetch calls a string `text/plain`. */
export function readContentType(header: string | undefined): ContentType {
  // Nearly all say what the one before said.
  if (last === undefined || last.header !== header) last = { header, type: parse(header) };
  return last.type;
}

function parse(header: string | undefined): ContentType {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim());
  const parameter = (name: string): string | undefined =>
    parameters
      .find((one) => one.toLowerCase().startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replace(/^"(.*)"$/, '$1');
  const charset = (parameter('charset') ?? 'utf-8').toLowerCase();
  return {
    kind: kindOf(type.toLowerCase()),
    isForeignCharset: !['utf-8', 'utf8', 'us-ascii', 'ascii'].includes(charset),
    boundary: parameter('boundary'),
  };
}

function kindOf(type: string): ContentType['kind'] {
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (
    /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines|json-seq)$|^text\/(?:x-)?(?:ndjson|jsonl)$/.test(
      type,
    )
  )
    return 'lines';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'multipart/form-data' || type === 'multipart/mixed' || type === 'multipart/related')
    return 'multipart';
  return type === '' || type.startsWith('text/') ? 'text' : 'binary';
}
