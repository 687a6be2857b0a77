import { domainToASCII } from 'node:url';

const MAX_HOST = 253;
const PLAIN = /^[a-z0-9._:-]{1,253}$/;

export type HostFields = { readonly target_host: string; readonly truncated?: true };

/**
 * A host in the record's alphabet: lower case, A-labels, no brackets, no final dot; bytes outside the alphabet as %hh.
 * The agent chose it: any string may come.
 */
export function hostFields(raw: string): HostFields {
  const text = unwrap(raw).toLowerCase();
  if (PLAIN.test(text)) return { target_host: text };
  const host = escapeBytes(isAscii(text) ? text : domainToASCII(text) || text);
  if (host.length <= MAX_HOST) return { target_host: host === '' ? 'localhost' : host };
  return { target_host: host.slice(0, MAX_HOST).replace(/%[0-9a-f]?$/, ''), truncated: true };
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

function unwrap(raw: string): string {
  const text = raw.startsWith('[') && raw.endsWith(']') ? raw.slice(1, -1) : raw;
  return text.length > 1 && text.endsWith('.') ? text.slice(0, -1) : text;
}

// A zone id keeps its % (RFC 4007); it is the one the alphabet itself allows.
const escapeBytes = (text: string): string =>
  text.slice(0, MAX_HOST + 1).replace(/[^a-z0-9._:%-]+/g, (run) =>
    Buffer.from(run)
      .toString('hex')
      .replace(/../g, (byte) => `%${byte}`),
  );
