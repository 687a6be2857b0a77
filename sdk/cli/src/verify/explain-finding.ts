import { basename } from 'node:path';
import type { Finding } from '@vantio/schema';
import type { Line } from '../ledger/read-lines.ts';
import { readRecord } from '../show/collect-traces.ts';

/** The line that was looked at when the verifier spoke. */
export type Reading = {
  readonly line: Line;
  /** It is the first of its writer that was given, in a file whose name does not say how many came before. */
  readonly opens: boolean;
};

/** A finding in the words of whoever typed the command: what is missing where it may be no fault, and where that usually is. */
export function explainFinding(finding: Finding, { line, opens }: Reading): Finding {
  if (line.kind === 'refused') return { ...finding, field: 'line', message: line.reason };
  const advice = adviceFor(finding, line, opens);
  return advice === undefined ? finding : { ...finding, message: `${finding.message}; ${advice}` };
}

function adviceFor(
  { check, severity, file = '' }: Finding,
  line: Line,
  opens: boolean,
): string | undefined {
  if (check === 'received_mac' && opens) {
    const rotated = basename(file).replace(/\.ndjson$/, '.000001.ndjson');
    return `if this ledger was rotated, what comes before is in ${rotated} and so on: put a copy of them beside this file`;
  }
  if (check !== 'mac' || severity !== 'unmeasured') return undefined;
  return line.kind === 'text' && readRecord(line.text)?.source === 'control_plane'
    ? "it is the control plane's own: name control.key in its state directory, .vantio/control.key by default, with --key-file"
    : 'name the file that holds it with --key-file';
}
