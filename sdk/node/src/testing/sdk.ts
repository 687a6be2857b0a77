import type * as types from '../../types/index.js';

/** The library by its public door: what is shipped, not what the tests were compiled with. */
export const sdk: typeof types = await import('@vantio/agent-sdk' as string);
