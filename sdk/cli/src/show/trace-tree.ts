import type { AuditRecord } from '@vantio/schema';
import { type Homes, isKernel, kernelHomes } from './kernel-homes.ts';
import { endOf, extentOf, startOf } from './record-times.ts';

/** A process or worker thread of a trace: one session, or a process that the kernel's agent saw and no other emitter. */
export type ProcessNode = {
  readonly kind: 'process';
  /** Of the latter, what tells it from others. */
  readonly sessionId: string;
  readonly records: AuditRecord[];
  readonly children: TreeNode[];
};

/** A span, by the records that carry its id. */
export type SpanNode = {
  readonly kind: 'span';
  readonly spanId: string;
  readonly records: AuditRecord[];
  readonly children: TreeNode[];
};

/** A record without a span of its own. */
export type EventNode = { readonly kind: 'event'; readonly record: AuditRecord };

/** Files that a process opened, or programs that it looked for: the kernel's agent sees every one. */
export type SumNode = {
  readonly kind: 'opened' | 'not_found';
  readonly records: AuditRecord[];
};

export type TreeNode = ProcessNode | SpanNode | EventNode | SumNode;

/** They place other records and tell nothing of the trace itself. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  'session_start',
  'session_head',
  'session_end',
  'coverage',
]);

export const isShield = ({ event_type }: AuditRecord): boolean =>
  event_type === 'shield_start' || event_type === 'shield_end';

/**
 * The records of one trace as a tree: spans under the span that they name as parent, a process under the span it was
 * started from, else under the session or process it names as parent. Ids are attacker-controlled: one that is unknown, or
 * that would close a circle, leaves its node at the top.
 */
export function buildTree(
  records: readonly AuditRecord[],
  starts: ReadonlyMap<string, AuditRecord>,
): readonly TreeNode[] {
  const processes = new Map<string, ProcessNode>();
  const spans = new Map<string, SpanNode>();
  const homes = spanHomes(records);
  const kernel = kernelHomes(records);
  const parents = new Map<ProcessNode | SpanNode, ProcessNode | SpanNode>();

  const processOf = (sessionId: string): ProcessNode =>
    take<ProcessNode>(processes, sessionId, () => ({
      kind: 'process',
      sessionId,
      records: [],
      children: [],
    }));
  for (const record of records) {
    if (isKernel(record)) continue;
    const process = processOf(record.session_id);
    process.records.push(record);
    const { span_id: spanId } = record;
    if (spanId !== undefined && homes.get(spanId) === record.session_id)
      take<SpanNode>(spans, spanId, () => ({
        kind: 'span',
        spanId,
        records: [],
        children: [],
      })).records.push(record);
    else if (!BOOKKEEPING.has(record.event_type)) process.children.push({ kind: 'event', record });
  }

  for (const record of records.filter(isKernel)) {
    const home = kernel.homeOf(record);
    const process = processOf(home);
    if (kernel.isOwn(home)) process.records.push(record);
    const span = spans.get(record.span_id ?? '');
    if (BOOKKEEPING.has(record.event_type) || kernel.tellsOfNode(record)) continue;
    const sum = sumOf(record);
    if (sum) sumIn(process, sum).push(record);
    else (span ?? process).children.push({ kind: 'event', record });
  }

  const link = (
    node: ProcessNode | SpanNode,
    parent: ProcessNode | SpanNode | undefined,
  ): boolean => {
    for (let above = parent; above !== undefined; above = parents.get(above))
      if (above === node) return false;
    if (parent !== undefined) parents.set(node, parent);
    return parent !== undefined;
  };

  // First spans to their processes, so that a circle through processes is seen when these are placed.
  for (const span of spans.values()) {
    const home = processes.get(homes.get(span.spanId) ?? '');
    const parent = spans.get(parentSpanOf(span) ?? '');
    const sameHome = parent !== undefined && homes.get(parent.spanId) === home?.sessionId;
    if (!(sameHome && link(span, parent))) link(span, home);
  }
  for (const process of processes.values())
    for (const parent of candidateParents(process, processes, spans, homes, kernel, starts))
      if (link(process, parent)) break;

  const roots: TreeNode[] = [];
  for (const node of [...processes.values(), ...spans.values()])
    (parents.get(node)?.children ?? roots).push(node);
  for (const node of [...processes.values(), ...spans.values()]) inTimeOrder(node.children);
  return inTimeOrder(roots);
}

/** Which session a span belongs to: the one that reports it as a shield, else the first that names it. */
function spanHomes(records: readonly AuditRecord[]): ReadonlyMap<string, string> {
  const homes = new Map<string, string>();
  for (const record of [...records.filter(isShield), ...records])
    if (!isKernel(record) && record.span_id !== undefined && !homes.has(record.span_id))
      homes.set(record.span_id, record.session_id);
  return homes;
}

const parentSpanOf = ({ records }: SpanNode): string | undefined =>
  records.find(({ parent_span_id }) => parent_span_id !== undefined)?.parent_span_id;

function* candidateParents(
  process: ProcessNode,
  processes: ReadonlyMap<string, ProcessNode>,
  spans: ReadonlyMap<string, SpanNode>,
  homes: ReadonlyMap<string, string>,
  kernel: Homes,
  starts: ReadonlyMap<string, AuditRecord>,
): Iterable<ProcessNode | SpanNode | undefined> {
  for (const maker of kernel.makersOf(process.sessionId)) {
    yield spans.get(maker.span_id ?? '');
    yield processes.get(isKernel(maker) ? kernel.homeOf(maker) : maker.session_id);
  }
  for (const { span_id, parent_span_id } of process.records)
    for (const spanId of [parent_span_id, span_id])
      if (spanId !== undefined && homes.get(spanId) !== process.sessionId) yield spans.get(spanId);
  const start = starts.get(process.sessionId);
  if (start?.parent_session_id !== undefined) yield processes.get(start.parent_session_id);
  const { pid, ppid, threadId } = placeOf(process, start);
  for (const other of processes.values()) {
    const found = placeOf(other, starts.get(other.sessionId));
    // A worker thread hangs under the main thread of its process, a process under the main thread of its parent.
    if (found.threadId === 0 && found.pid !== undefined && other !== process)
      if (found.pid === (threadId === 0 ? ppid : pid)) yield other;
  }
}

function placeOf({ records }: ProcessNode, start: AuditRecord | undefined) {
  const find = (field: 'pid' | 'ppid' | 'thread_id'): number | undefined =>
    [...records, start].find(
      (record) => record?.[field] !== undefined && !(field === 'thread_id' && isKernel(record)),
    )?.[field];
  return { pid: find('pid'), ppid: find('ppid'), threadId: find('thread_id') ?? 0 };
}

function sumOf({ event_type, error_code }: AuditRecord): SumNode['kind'] | undefined {
  if (event_type === 'file_open') return 'opened';
  return event_type === 'process_exec' && error_code === 'ENOENT' ? 'not_found' : undefined;
}

function sumIn({ children }: ProcessNode, kind: SumNode['kind']): AuditRecord[] {
  const known = children.find((child): child is SumNode => child.kind === kind);
  if (known) return known.records;
  const made: SumNode = { kind, records: [] };
  children.push(made);
  return made.records;
}

/** Where several emitters tell of one process, its end comes last. */
const timeOf = (node: TreeNode): number => {
  if (node.kind !== 'event') return extentOf(node.records)?.start ?? 0;
  return node.record.event_type === 'process_exit' ? endOf(node.record) : startOf(node.record);
};

function inTimeOrder(nodes: TreeNode[]): TreeNode[] {
  const times = new Map(nodes.map((node) => [node, timeOf(node)]));
  return nodes.sort((a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0));
}

function take<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
