import { confusion, type LabelledText, precision, recall } from './confusion.ts';

/** The page QUALITY.md; a test holds it to the code. */
export function qualityPage(texts: readonly LabelledText[]): string {
  const without = texts.filter(({ spans }) => spans.length === 0).length;
  const rows = confusion(texts).map((row) => {
    const { entity, found, missed, wrong } = row;
    return `| \`${entity}\` | ${found + missed} | ${found} | ${missed} | ${wrong} | ${recall(row).toFixed(3)} | ${precision(row).toFixed(3)} |`;
  });
  return `# What redaction finds

Written by \`node scripts/redact/print-quality.ts\` from [labelled.ndjson](../../../sdk/vectors/redact/labelled.ndjson): ${texts.length} texts, of which ${without} have
nothing in them but what looks like it. Numbers are Faker's, checked by python-stdnum; keys are random. A value counts as found when
something of its entity lies over it. These texts were there while the code was written: expect less of others.

| entity | values | found | missed | wrongly found | recall | precision |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}
