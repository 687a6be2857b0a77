// Apart from vantio.js, because an old Node cannot even parse import().
import('../dist/main.js').catch((error) => {
  const unbuilt = error.code === 'ERR_MODULE_NOT_FOUND';
  process.stderr.write(
    unbuilt
      ? `vantio: this checkout is not built or installed; run npm ci and npm run build at its root.\n${error.message}\n`
      : `vantio: ${error.stack}\n`,
  );
  process.exitCode = 2;
});
