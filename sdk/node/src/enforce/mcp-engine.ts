/** Bundled as mcp.cjs, which is loaded where a policy is enforced, and by guardMcp(). */
export { guardMcp } from '../mcp/guard-mcp.ts';
export { bothGuards } from './mcp/both-guards.ts';
export { mcpGuard } from './mcp/http.ts';
export { guardStdio } from './mcp/stdio.ts';
