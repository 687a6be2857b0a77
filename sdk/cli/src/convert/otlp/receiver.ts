import { CliError } from '../../cli-error.ts';

/** Whether it is the URL of a receiver. A password in it could be read by others on this machine. */
export function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].join('') === '';
}

/** Where a signal goes, from the endpoint of a receiver. */
export const signalUrl = (endpoint: string, path: 'v1/logs' | 'v1/traces'): string =>
  `${new URL(endpoint).href.replace(/\/$/, '')}/${path}`;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Headers for the receiver, from OTEL_EXPORTER_OTLP_HEADERS (`name=value,name=value`, values percent-encoded): in the
 * environment, for they may be secrets.
 * @throws {CliError} that quotes none of it.
 */
export function headersOf(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(at, 0)).trim();
    const value = decoded(pair.slice(at + 1).trim());
    if (!TOKEN.test(name) || value === undefined || /[^\t -~]/.test(value))
      throw new CliError(
        'OTEL_EXPORTER_OTLP_HEADERS is not of the form name=value,name=value, with values percent-encoded.',
      );
    headers[name] = value;
  }
  return headers;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
