export { guardTools } from './guard-tools.ts';
export { shieldMiddleware } from './middleware.ts';
