export { guardAgent } from './guard-agent.ts';
export { shieldProcessor } from './shield-processor.ts';
