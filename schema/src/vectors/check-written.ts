import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writtenBytes, writtenValue } from '../written/committed-value.ts';
import { writtenHost } from '../written/host.ts';
import { requiredPort, writtenStatusClass } from '../written/integers.ts';
import { writtenIp } from '../written/ip.ts';
import { writtenProcessName } from '../written/process-name.ts';
import { requiredWord, writtenWord } from '../written/word.ts';
import type { writtenVectors } from './written-vectors.ts';

type Vectors = ReturnType<typeof writtenVectors>;
type Expected = { readonly text?: string; readonly truncated?: true };

const { properties } = JSON.parse(
  readFileSync(new URL('../../generated/record.schema.json', import.meta.url), 'utf8'),
) as { properties: Record<string, { readonly pattern?: string }> };

/** What is written is what the vector says, and fits the field's own form. */
export function checkWritten(vectors: Vectors): void {
  const same = (name: string, seen: Expected | undefined, wanted: Expected, field?: string) => {
    const { text, truncated } = wanted;
    assert.equal(seen?.text, text, name);
    assert.equal(seen?.truncated, truncated, name);
    const form = new RegExp(properties[field ?? '']?.pattern ?? '', 'u');
    if (text !== undefined) assert.match(text, form, name);
  };
  for (const { name, bytes, ...wanted } of vectors.process_name)
    same(name, writtenProcessName(Buffer.from(bytes, 'hex')), wanted, 'process_name');
  for (const { name, host, ...wanted } of vectors.host)
    same(name, writtenHost(host), wanted, 'target_host');
  for (const { name, field, value, required, ...wanted } of vectors.word)
    same(name, (required ? requiredWord : writtenWord)(field, value), wanted, field);
  for (const { name, bytes: hex, ...wanted } of vectors.committed_value) {
    const bytes = Buffer.from(hex, 'hex');
    same(name, writtenBytes(bytes), wanted);
    if (bytes.equals(Buffer.from(bytes.toString())))
      same(name, writtenValue(bytes.toString()), wanted);
    assert.ok((wanted as Expected).text !== '' && ((wanted as Expected).text?.length ?? 1) <= 4096);
  }
  for (const { name, value, ip } of vectors.ip) {
    assert.equal(writtenIp(value), ip, name);
    if (ip !== undefined) assert.match(ip, new RegExp(properties.target_ip?.pattern ?? ''), name);
  }
  for (const { name, value, port } of vectors.required_port)
    assert.equal(requiredPort(value), port, name);
  for (const { status, status_class } of vectors.status_class)
    assert.equal(writtenStatusClass(status), status_class);
}
