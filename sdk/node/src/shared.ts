// The bundler makes of these parts of the same file that run at their first use.
declare const require: (path: string) => object;

/**
 * What mcp.cjs has from this file rather than copies of its own, for it keeps state: the bundler puts this in the place of
 * every import that leads out of the folders mcp and enforce/mcp.
 */
export const shared = (): object => ({
  ...require('./context/current-span.ts'),
  ...require('./context/debug.ts'),
  ...require('./context/main-realm.ts'),
  ...require('./context/span.ts'),
  ...require('./enforce/agents.ts'),
  ...require('./enforce/body/redaction.ts'),
  ...require('./enforce/body/request-json.ts'),
  ...require('./enforce/guarded.ts'),
  ...require('./enforce/in-force.ts'),
  ...require('./enforce/judge.ts'),
  ...require('./enforce/watch-readable.ts'),
  ...require('./observe/http-fields.ts'),
  ...require('./observe/target.ts'),
  ...require('./record/error-code.ts'),
  ...require('./record/last-words.ts'),
  ...require('./record/queue.ts'),
  ...require('./record/written-field.ts'),
  ...require('./tools/judge-tool.ts'),
});
