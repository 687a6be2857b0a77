import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatDisclosureLine } from '@vantio/schema/disclosure-line';
import { rewriteDisclosures } from './rewrite-disclosures.ts';

const line = (tenant: string, value: string): string =>
  `${formatDisclosureLine(`event of ${tenant}`, tenant, { field: 'agent_name', salt: '0'.repeat(64), value })}\n`;

const isMeant = ({ tenantId }: { readonly tenantId: string }): boolean => tenantId === 'acme';

test('what an agent without a lock writes while its file is made anew is kept, each line once, and what is meant is not', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vantio-erase-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'a.disclosures.ndjson');
  const late = line('globex', 'late');
  // More than is read at one time, and a last line that is still being written.
  const before = line('globex', 'x'.repeat(4000)).repeat(600) + line('acme', 'gone');
  writeFileSync(path, before + late.slice(0, 20), { mode: 0o640 });
  await rewriteDisclosures(path, isMeant, (step) => {
    if (step === 'drafted') appendFileSync(path, late.slice(20) + line('acme', 'gone too'));
  });
  assert.equal(readFileSync(path, 'utf8'), line('globex', 'x'.repeat(4000)).repeat(600) + late);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(directory), ['a.disclosures.ndjson']);
});

test('a line that is not UTF-8, not canonical or not a disclosure stays, byte for byte', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vantio-erase-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'a.disclosures.ndjson');
  const odd = Buffer.concat([
    Buffer.from([0xff, 0xfe, 0x0a, 0x0a]),
    Buffer.from(`${line('acme', 'x').replace('{', '{ ')}{"tenant_id":"acme"}\n\u0000\n`),
  ]);
  writeFileSync(path, Buffer.concat([odd, Buffer.from(line('acme', 'gone'))]));
  await rewriteDisclosures(path, isMeant);
  assert.deepEqual(readFileSync(path), odd);
});
