import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditRecord, parseLedgerLine } from '@vantio/schema';

/** What the sample agent is known to do; its ledger must say all of it. */
const MODEL_REQUESTS = 5;
const TOOLS = 2;

function readRecords(ledger: string): AuditRecord[] {
  const lines = readFileSync(ledger, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => parseLedgerLine(line).record);
}

/** Whether the agent's session stands in the ledger to its end. */
export const hasEnded = (ledger: string): boolean =>
  readRecords(ledger).some(({ event_type }) => event_type === 'session_end');

/** Whether the newest checkpoint of a log covers every line of its ledger; also if there is no log. */
export function isSealed(ledger: string, log: string): boolean {
  const checkpoint = join(log, 'checkpoint');
  if (!existsSync(checkpoint)) return true;
  const [, size] = readFileSync(checkpoint, 'utf8').split('\n');
  return Number(size) === readRecords(ledger).length;
}

/**
 * What the ledger fails to say about the sample agent's run; empty when all is there.
 * @param port that of the stand-in provider.
 */
export function missingFrom(ledger: string, port: number): string[] {
  const records = readRecords(ledger);
  const ofAgent = records.filter(({ source }) => source !== 'control_plane');
  const requests = ofAgent.filter(
    (record) => record.event_type === 'http_request' && record.target_port === port,
  );
  const shields = ofAgent.filter(({ event_type }) => event_type === 'shield_end');
  const tools = ofAgent.filter(({ event_type }) => event_type === 'process_exec');
  const traces = new Set(ofAgent.flatMap(({ trace_id }) => trace_id ?? []));
  const claims: readonly (readonly [boolean, string])[] = [
    [
      requests.length >= MODEL_REQUESTS,
      `${requests.length} requests to the models, not ${MODEL_REQUESTS}`,
    ],
    [
      [...requests, ...tools].every(({ span_id }) => span_id !== undefined),
      'something done outside every shield',
    ],
    [shields.length >= 4, `${shields.length} shields left, not 4`],
    [tools.length === TOOLS, `${tools.length} programs started or tried, not ${TOOLS}`],
    [traces.size === 1, `${traces.size} traces, not the one of the run`],
    [
      ofAgent.some(({ event_type }) => event_type === 'session_end'),
      'no clean end of the agent’s session',
    ],
  ];
  return claims.filter(([holds]) => !holds).map(([, what]) => what);
}

/** The trace of the shield that was left last. */
export const lastTraceOf = (ledger: string): string =>
  readRecords(ledger).findLast(({ event_type }) => event_type === 'shield_end')?.trace_id ?? '';

/** What the ledger fails to say of the program that had bash start curl; empty when all of it is there, in one trace. */
export function missingFromKernel(ledger: string, traceId: string, port: number): string[] {
  const records = readRecords(ledger).filter(({ trace_id }) => trace_id === traceId);
  const kernel = records.filter(({ source }) => source === 'kernel_agent');
  const shield = records.find(({ event_type }) => event_type === 'shield_end');
  const programs = new Set(
    kernel
      .filter(({ event_type }) => event_type === 'process_exit')
      .map(({ process_name }) => process_name),
  );
  const made = kernel.filter(
    (record) => record.event_type === 'net_connect' && record.target_port === port,
  );
  const claims: readonly (readonly [boolean, string])[] = [
    [shield !== undefined, 'no shield of the SDK in the trace'],
    [programs.has('bash') && programs.has('curl'), 'bash or curl was not seen to end in the trace'],
    [
      made.some(
        ({ process_name, trace_origin }) => process_name === 'curl' && trace_origin === 'inherited',
      ),
      'curl’s connection to the host has not the trace that it inherited',
    ],
    [
      made.some(
        ({ span_id, trace_origin }) => trace_origin === 'exact' && span_id === shield?.span_id,
      ),
      'the SDK’s connection to the host was not joined with its shield',
    ],
  ];
  return claims.filter(([holds]) => !holds).map(([, what]) => what);
}
