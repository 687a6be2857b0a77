import { adoptFrom, currentSpan } from './context/current-span.ts';
import { guard } from './context/guard.ts';
import { makePeersBy } from './context/peer.ts';
import { carrier, closeSpan, openSpan } from './context/shield.ts';
import { runIn } from './context/span.ts';
import { inForce } from './enforce/in-force.ts';
import { onRecord } from './record/queue.ts';
import { beginTool, refuseTool, seeTool } from './tools/begin-tool.ts';
import { judgeModel } from './tools/judge-model.ts';
import { runTool } from './tools/run-tool.ts';

/** What the doors beside the library's own use of it. They may come with another install: `v` says what is here. */
export const internals = {
  v: 1,
  adoptFrom,
  awaitedPolicy: inForce.awaited,
  beginTool,
  carrier,
  closeSpan,
  currentSpan,
  guard,
  judgeModel,
  makePeersBy,
  onRecord,
  openSpan,
  refuseTool,
  runIn,
  runTool,
  seeTool,
} as const;

export type Internals = typeof internals;
