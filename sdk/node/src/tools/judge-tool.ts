import { currentSpan } from '../context/current-span.ts';
import { enforceEngine } from '../enforce/engines.ts';
import { inForce } from '../enforce/in-force.ts';
import type { ToolRuling } from '../enforce/judge-tool.ts';

/** Asks policy, where one is in force, in the context of the caller. */
export const judgeTool = (
  tool: string,
  server: string | undefined,
  span = currentSpan(),
): ToolRuling =>
  inForce.policy() === undefined
    ? { action: 'OBSERVED' }
    : enforceEngine().judgeTool(tool, server, span);
