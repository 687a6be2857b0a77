import { readFileSync, writeFileSync } from 'node:fs';
import { parseLabelled } from '@vantio/schema/redact/quality/confusion';
import { qualityPage } from '@vantio/schema/redact/quality/quality-page';

const page = qualityPage(parseLabelled(readFileSync('sdk/vectors/redact/labelled.ndjson', 'utf8')));
writeFileSync('schema/src/redact/QUALITY.md', page);
console.log(page);
