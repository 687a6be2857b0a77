import type { Trace } from './collect-traces.ts';
import { MAX_DEPTH, type TreeContext } from './render-tree.ts';
import type { TreeNode } from './trace-tree.ts';

/** One trace for a program: the tree, with the records as they stand in the ledger. */
export const traceJson = (
  { traceId, records, omitted }: Trace,
  roots: readonly TreeNode[],
  context: Omit<TreeContext, 'screen'>,
) => ({
  trace_id: traceId,
  records: records.length + omitted,
  records_omitted: omitted,
  children: roots.map((node) => nodeJson(node, context, 0)),
});

function nodeJson(
  node: TreeNode,
  context: Omit<TreeContext, 'screen'>,
  depth: number,
): Record<string, unknown> {
  if (node.kind === 'event') return { kind: 'event', record: node.record };
  if (node.kind !== 'process' && node.kind !== 'span')
    return { kind: node.kind, records: node.records };
  const below =
    depth > MAX_DEPTH
      ? { children_omitted: node.children.length }
      : { children: node.children.map((child) => nodeJson(child, context, depth + 1)) };
  if (node.kind === 'process') {
    const start = context.starts.get(node.sessionId);
    const pid = node.records.find((record) => record.pid !== undefined)?.pid ?? start?.pid;
    return { kind: 'process', session_id: node.sessionId, pid, runtime: start?.runtime, ...below };
  }
  const name = node.records
    .map((record) => context.nameOf(record, 'agent_name'))
    .find((one) => one !== undefined);
  return { kind: 'span', span_id: node.spanId, name, records: node.records, ...below };
}
