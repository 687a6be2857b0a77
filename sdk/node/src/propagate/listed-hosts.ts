/** Whether a trace may be told to a host and port. */
export type ListedHosts = (host: string, port: number | undefined) => boolean;
export type ReadHosts = {
  readonly isListed: ListedHosts;
  /** Places in the list, from 1, of what is no host: they list nothing. */
  readonly faults: readonly number[];
};

const ENTRY = /^(\*|(?:\*\.)?(?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?$/;

/**
 * Reads hosts with commas between: a name or address, `*.suffix` for the names below one, `*` for all; with `:port`, only
 * that port. They are compared as they are written but for case and a last dot: what is spelled otherwise is not listed.
 */
export function readListedHosts(text: string): ReadHosts {
  const rules: Rule[] = [];
  const faults: number[] = [];
  text.split(',').forEach((entry, at) => {
    const written = entry.trim().toLowerCase();
    if (written === '') return;
    const [, host, port] = ENTRY.exec(written) ?? [];
    if (host === undefined) faults.push(at + 1);
    else
      rules.push({ host: unbracketed(host), port: port === undefined ? undefined : Number(port) });
  });
  return {
    faults,
    isListed: (host, port) => {
      const name = normal(host);
      return rules.some(
        (rule) => (rule.port === undefined || rule.port === port) && names(rule.host, name),
      );
    },
  };
}

type Rule = { readonly host: string; readonly port: number | undefined };

function names(rule: string, host: string): boolean {
  if (rule === '*') return true;
  return rule.startsWith('*.')
    ? host.endsWith(rule.slice(1)) && host.length >= rule.length
    : rule === host;
}

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '');
const normal = (host: string): string => unbracketed(host).toLowerCase().replace(/\.$/, '');
