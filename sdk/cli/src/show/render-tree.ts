import type { AuditRecord } from '@vantio/schema';
import { instantFromMicros } from '@vantio/schema/instant';
import { formatDuration, plural } from '../terminal/quantities.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Trace } from './collect-traces.ts';
import { describeRecord, describeShield } from './describe-record.ts';
import type { NameOf } from './find-names.ts';
import { isKernel } from './kernel-homes.ts';
import { extentOf } from './record-times.ts';
import { isShield, type ProcessNode, type SpanNode, type TreeNode } from './trace-tree.ts';

export type TreeContext = {
  readonly starts: ReadonlyMap<string, AuditRecord>;
  readonly nameOf: NameOf;
  readonly screen: Screen;
};

/** A ledger may nest spans as deep as it likes; a terminal may not. */
export const MAX_DEPTH = 60;

/** One trace, as the lines of a tree. */
export function* renderTrace(
  { traceId, records, omitted }: Trace,
  roots: readonly TreeNode[],
  context: TreeContext,
): Iterable<string> {
  const { screen } = context;
  const { start, end } = extentOf(records) ?? { start: 0, end: 0 };
  const processes = new Set(records.map(({ session_id }) => session_id)).size;
  yield [
    `trace ${screen.paint('cyan', traceId)}`,
    instantFromMicros(start).replace('T', ' ').slice(0, 19),
    plural(processes, 'session'),
    plural(records.length + omitted, 'record'),
    formatDuration(end - start),
  ].join('  ');
  yield* renderChildren(roots, '', 0, context);
  if (omitted > 0)
    yield screen.paint('dim', `  and ${plural(omitted, 'more record')} of this trace`);
}

function* renderChildren(
  nodes: readonly TreeNode[],
  indent: string,
  depth: number,
  context: TreeContext,
): Iterable<string> {
  const { ascii } = context.screen;
  const [fork, corner, pipe] = ascii ? ['|- ', '`- ', '|  '] : ['├─ ', '└─ ', '│  '];
  if (depth > MAX_DEPTH && nodes.length > 0) {
    yield `${indent}${corner}${plural(nodes.length, 'node')} nested deeper`;
    return;
  }
  for (const [index, node] of nodes.entries()) {
    const isLast = index === nodes.length - 1;
    yield `${indent}${isLast ? corner : fork}${labelOf(node, context)}`;
    yield* renderChildren(childrenOf(node), indent + (isLast ? '   ' : pipe), depth + 1, context);
  }
}

/** A span that one record made is that record; its header would say the same again. */
const isOwnRecord = ({ records }: SpanNode): boolean =>
  records.length === 1 || records.every(isShield);

function childrenOf(node: TreeNode): readonly TreeNode[] {
  if (node.kind !== 'process' && node.kind !== 'span') return [];
  if (node.kind === 'process' || isOwnRecord(node)) return node.children;
  const events = node.records
    .filter((record) => !isShield(record))
    .map((record) => ({ kind: 'event', record }) as const);
  return [...events, ...node.children];
}

function labelOf(node: TreeNode, { starts, nameOf, screen }: TreeContext): string {
  switch (node.kind) {
    case 'process':
      return processLabel(node, starts.get(node.sessionId), nameOf, screen);
    case 'opened':
      return `open  ${plural(node.records.length, 'file')}`;
    case 'not_found':
      return `exec  ${plural(node.records.length, 'path')} without a program`;
    case 'event':
      return describeRecord(node.record, nameOf, screen);
    case 'span': {
      const shields = node.records.filter(isShield);
      const [only] = node.records;
      if (shields.length > 0) return describeShield(shields, nameOf, screen);
      return only !== undefined && node.records.length === 1
        ? describeRecord(only, nameOf, screen)
        : `span ${node.spanId}`;
    }
  }
}

function processLabel(
  { records, sessionId }: ProcessNode,
  start: AuditRecord | undefined,
  nameOf: NameOf,
  { paint, safe }: Screen,
): string {
  const find = <K extends keyof AuditRecord>(field: K): AuditRecord[K] | undefined =>
    [...records, start].find((record) => record?.[field] !== undefined)?.[field];
  // The kernel numbers threads otherwise, and names a process before and after it becomes another program.
  const isKernels = records.some(isKernel);
  const pid = find('pid');
  const thread = isKernels ? undefined : find('thread_id');
  const name = isKernels ? programOf(records, nameOf) : find('process_name');
  const parts = [
    pid === undefined ? `session ${sessionId.slice(0, 8)}` : `process ${pid}`,
    // Thread 0 is the main one.
    thread === undefined || thread === 0 ? undefined : `thread ${thread}`,
    // A process that is called by its runtime's name is told by that.
    name === undefined || start?.runtime?.startsWith(`${name}/`) ? undefined : safe(name),
    start?.runtime,
  ];
  const origin = find('trace_origin');
  return `${parts.filter((part) => part !== undefined).join('  ')}${origin === undefined ? '' : `  ${paint('dim', origin)}`}`;
}

/** The last program that a process became, by its file, else as the process calls itself. */
function programOf(records: readonly AuditRecord[], nameOf: NameOf): string | undefined {
  const ran = records.findLast(
    ({ event_type, error_code }) => event_type === 'process_exec' && error_code === undefined,
  );
  const path = ran && nameOf(ran, 'exec_path');
  return path?.startsWith('/')
    ? path.slice(path.lastIndexOf('/') + 1)
    : records.findLast(({ process_name }) => process_name !== undefined)?.process_name;
}
