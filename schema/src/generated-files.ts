import { readFileSync } from 'node:fs';
import { policyJsonSchema } from './policy/policy-json-schema.ts';
import { policyVectorFiles } from './policy/policy-vectors.ts';
import { fragmentsSource } from './record-fragments-source.ts';
import { recordJsonSchema } from './record-json-schema.ts';
import { replaceTables } from './record-tables.ts';
import { phoneLengthsSource } from './redact/phone-lengths-source.ts';
import { rustNamesSource } from './rust-names-source.ts';
import { ledgerDdl } from './spanner/ledger-ddl.ts';
import { validatorSource } from './validator-source.ts';
import { vectorFiles, vectorText } from './vectors/vector-files.ts';
import { wordFormsSource } from './word-forms-source.ts';

// The same folder from src/ and from dist/.
const here = new URL('../', import.meta.url);

/** Everything that is made from the zod schemas, or from a package's tables, and checked in: path and text. A test fails when one is stale. */
export function generatedFiles(): ReadonlyMap<URL, string> {
  const normative = new URL('record.md', here);
  const schema = recordJsonSchema();
  return new Map([
    [new URL('src/generated/validate-record.ts', here), validatorSource(schema)],
    [new URL('src/generated/record-fragments.ts', here), fragmentsSource(schema)],
    [new URL('src/generated/word-forms.ts', here), wordFormsSource(schema)],
    [new URL('src/redact/generated/phone-lengths.ts', here), phoneLengthsSource()],
    [new URL('../agent/phantom-record/src/names.rs', here), rustNamesSource(schema)],
    [new URL('generated/record.schema.json', here), `${JSON.stringify(schema, null, 2)}\n`],
    [
      new URL('generated/policy.schema.json', here),
      `${JSON.stringify(policyJsonSchema(), null, 2)}\n`,
    ],
    [new URL('spanner_ledger.ddl', here), ledgerDdl()],
    ...[...vectorFiles(), ...policyVectorFiles()].map(([name, content]): [URL, string] => [
      new URL(`../sdk/vectors/${name}`, here),
      vectorText(content),
    ]),
    [normative, replaceTables(readFileSync(normative, 'utf8'))],
  ]);
}
