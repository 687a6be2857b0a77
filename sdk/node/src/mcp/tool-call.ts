import { requiredWord, writtenWord } from '@vantio/schema/written/word';
import { currentSpan } from '../context/current-span.ts';
import { now } from '../context/main-realm.ts';
import { inForce } from '../enforce/in-force.ts';
import type { ToolRuling } from '../enforce/judge-tool.ts';
import { durationOf } from '../observe/http-fields.ts';
import { lastWords } from '../record/last-words.ts';
import type { Detail } from '../record/observation.ts';
import { record } from '../record/queue.ts';
import { fieldOf } from '../record/written-field.ts';

/** Who is at the other end, as far as a record says it. */
export type Peer = {
  readonly transport: NonNullable<Detail['mcp_transport']>;
  /** Host and port, where the server is reached over the network. */
  readonly target: Detail;
};

/** One call of a tool: one record, when it is refused or over. */
export type ToolCall = {
  /** Not a byte of it was sent. */
  severed(end: Detail): void;
  /** @param server the name that the server gives itself, if that is known by now */
  ended(end: Detail, server: string | undefined): void;
};

export type Called = {
  readonly tool: string;
  readonly server: string | undefined;
  /** Of the message that makes the call. */
  readonly bytes: number;
};

export const MAX_OPEN = 10_000;
const open = new Set<ToolCall>();

/** What nobody has answered when the process ends is recorded as it stands. */
function tellOpen(): void {
  for (const call of open) call.ended({ outcome: 'open' }, undefined);
}

export function createToolCall(
  { transport, target }: Peer,
  { tool, server, bytes }: Called,
  { action, ruleId }: ToolRuling,
): ToolCall {
  const at = now();
  const span = currentSpan();
  const detail: Detail = {
    mcp_transport: transport,
    ...target,
    ...fieldOf('tool_name', requiredWord('tool_name', tool)),
    ...(ruleId === undefined ? {} : { rule_id: ruleId }),
    ...inForce.version(),
  };
  const tell = (end: Detail, name = server): void => {
    if (!open.delete(call)) return;
    const of = name === undefined ? {} : fieldOf('mcp_server', writtenWord('mcp_server', name));
    record({ type: 'mcp_tool_call', at, span, action, detail: { ...detail, ...of, ...end } });
  };
  const call: ToolCall = {
    severed: (end) => tell({ bytes_severed: bytes, ...end }),
    ended: (end, name) =>
      tell({ bytes_sent: bytes, duration_us: durationOf(at, now()), ...end }, name),
  };
  lastWords.add(tellOpen);
  const [oldest] = open.size < MAX_OPEN ? [] : open;
  oldest?.ended({ outcome: 'unknown' }, undefined);
  open.add(call);
  return call;
}
