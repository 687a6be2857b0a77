// A reporter for `node --test` on Node 20, 22 and 24 alike: prints failures and skips readably and
// appends one line of counts to the file that VANTIO_TEST_COUNTS names.
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';

/** A file that holds no test reports itself as one: its name is its own path. */
const isWholeFile = (data) =>
  data.nesting === 0 && data.file !== undefined && data.file.endsWith(data.name);

function reasonOf(error) {
  const cause = error?.cause ?? error;
  return String(cause?.stack ?? cause?.message ?? cause ?? 'no reason given');
}

/** A parent fails with its subtests; the subtest has already said why. */
const failedBelow = (data) => data.details?.error?.failureType === 'subtestsFailed';

function indent(text) {
  return text.replace(/^/gm, '      ');
}

async function* countReporter(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const path = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') path[data.nesting] = data.name;
    if (type === 'test:stderr' || type === 'test:stdout') {
      if (process.env.VANTIO_TEST_VERBOSE) yield data.message;
      continue;
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite' && !data.skip) continue;
    const where = data.file === undefined ? '' : ` (${relative(process.cwd(), data.file)})`;
    const title = [...path.slice(0, data.nesting), data.name].join(' › ');
    if (data.skip !== undefined || data.todo !== undefined) {
      counts.skipped += 1;
      yield `  skipped: ${title}: ${data.skip || data.todo || 'no reason given'}\n`;
      continue;
    }
    if (type === 'test:pass') {
      if (!isWholeFile(data)) counts.passed += 1;
      continue;
    }
    counts.failed += 1;
    if (failedBelow(data)) continue;
    yield `  FAILED: ${title}${where}\n${indent(reasonOf(data.details?.error))}\n`;
  }
  const file = process.env.VANTIO_TEST_COUNTS;
  if (file) appendFileSync(file, `${JSON.stringify(counts)}\n`);
}

// biome-ignore lint/style/noDefaultExport: `node --test-reporter` loads the default export.
export default countReporter;
