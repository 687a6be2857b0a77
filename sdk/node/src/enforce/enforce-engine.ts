/**
 * Bundled as enforce.cjs, which is loaded only where a policy is enforced: all that replaces what the runtime does. It keeps
 * state, and has that of core.cjs.
 */
export { guardBedrock } from './body/guard-bedrock.ts';
export { enforce } from './enforce.ts';
export { refusal } from './judge.ts';
export { judgeModel } from './judge-model.ts';
export { judgeTool } from './judge-tool.ts';
export { currentDocument } from './policy/apply-policy.ts';
