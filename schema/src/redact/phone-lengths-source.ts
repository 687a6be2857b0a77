import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

type Metadata = {
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>;
  readonly countries: Readonly<Record<string, readonly unknown[]>>;
  readonly nonGeographic: Readonly<Record<string, readonly unknown[]>>;
};

const POSSIBLE_LENGTHS = 3;

/** Of the metadata of libphonenumber only what a number that names its country is held to: calling codes and lengths. */
export function phoneLengthsSource(): string {
  const path = createRequire(import.meta.url).resolve('libphonenumber-js/metadata.max.json');
  const metadata = JSON.parse(readFileSync(path, 'utf8')) as Metadata;
  const lengths = (territories: readonly (readonly unknown[] | undefined)[]): string =>
    [...new Set(territories.flatMap((one) => (one?.[POSSIBLE_LENGTHS] ?? []) as number[]))]
      .sort((a, b) => a - b)
      .join(',');
  const codes = [
    ...Object.entries(metadata.country_calling_codes).map(
      ([code, names]) => `${code}:${lengths(names.map((name) => metadata.countries[name]))}`,
    ),
    ...Object.entries(metadata.nonGeographic).map(([code, one]) => `${code}:${lengths([one])}`),
  ];
  const rows = codes.sort().join(';');
  return `// Made by \`npm run generate\` from libphonenumber-js: calling code, and lengths of the number behind it.\nexport const PHONE_LENGTHS =\n  '${rows}';\n`;
}
