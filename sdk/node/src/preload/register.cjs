// Loaded by NODE_OPTIONS into programs that know nothing of this library. If it cannot be loaded, because an update is
// removing it or its files are broken, the program must run all the same, and only whoever asks is told.
try {
  const { childEnv } = require('./index.cjs');
  if (process.env.VANTIO_TRACE_CHILDREN === '1')
    require('./trace-children.cjs').traceChildren(childEnv);
} catch (error) {
  try {
    const code = String(error?.code ?? error?.name);
    const what = 'the library could not be loaded';
    require('node:diagnostics_channel').channel('vantio:debug').publish({ what, code });
    if (process.env.VANTIO_DEBUG === '1')
      require('node:fs').writeSync(2, `vantio: ${what} (${code})\n`);
  } catch {
    // There is nowhere left to tell it.
  }
}
