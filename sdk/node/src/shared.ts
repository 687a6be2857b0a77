// The bundler makes of these parts of the same file that run at their first use.
declare const require: (path: string) => object;

/**
 * What enforce.cjs and mcp.cjs have from core.cjs rather than copies of their own, for it keeps state: the bundler puts this
 * in the place of their imports, and refuses one that is not here.
 */
export const shared = (): object => ({
  ...require('./context/child-env.ts'),
  ...require('./context/current-span.ts'),
  ...require('./context/debug.ts'),
  ...require('./context/guard.ts'),
  ...require('./context/main-realm.ts'),
  ...require('./context/process-trace.ts'),
  ...require('./context/span.ts'),
  ...require('./context/stderr.ts'),
  ...require('./emit/backoff.ts'),
  ...require('./emit/config.ts'),
  ...require('./emit/door.ts'),
  ...require('./emit/lifecycle.ts'),
  ...require('./emit/spool-dir.ts'),
  ...require('./enforce/blocked-error.ts'),
  ...require('./enforce/config.ts'),
  ...require('./enforce/engines.ts'),
  ...require('./enforce/guarded.ts'),
  ...require('./enforce/in-force.ts'),
  ...require('./enforce/refused.ts'),
  ...require('./observe/http-fields.ts'),
  ...require('./observe/socket-facts.ts'),
  ...require('./observe/target.ts'),
  ...require('./propagate/propagate.ts'),
  ...require('./record/error-code.ts'),
  ...require('./record/last-words.ts'),
  ...require('./record/queue.ts'),
  ...require('./record/written-field.ts'),
  ...require('./tools/judge-tool.ts'),
});
