import { parseArgs } from 'node:util';
import { runLocal } from './run-local.ts';

/** `node serve.js --output-file F [--state-dir D] [--port P] [--rate-limit N] [--max-segment-bytes N] [--no-append-only]`: for tests and benches. */
const { values } = parseArgs({
  options: {
    'output-file': { type: 'string' },
    'state-dir': { type: 'string' },
    port: { type: 'string', default: '0' },
    'rate-limit': { type: 'string' },
    'max-segment-bytes': { type: 'string' },
    'no-append-only': { type: 'boolean', default: false },
  },
});
const { 'output-file': outputFile = 'audit.ndjson', 'state-dir': stateDir } = values;

await runLocal(
  {
    outputFile,
    port: Number(values.port),
    appendOnly: !values['no-append-only'],
    ...(stateDir === undefined ? {} : { stateDir }),
    ...(values['rate-limit'] === undefined ? {} : { rateLimit: Number(values['rate-limit']) }),
    ...(values['max-segment-bytes'] === undefined
      ? {}
      : { maxSegmentBytes: Number(values['max-segment-bytes']) }),
  },
  ({ url }) => process.stdout.write(`${url}\n`),
);
