import type { Entity } from '@vantio/schema/redact/entity';

/** A text and where in it values are: start, end (exclusive, UTF-16), entity. */
export type LabelledText = {
  readonly text: string;
  readonly spans: readonly (readonly [start: number, end: number, entity: Entity])[];
};

/** The template with the value where `{}` is. */
export function fill(template: string, entity: Entity, value: string): LabelledText {
  const at = template.indexOf('{}');
  return {
    text: template.replace('{}', () => value),
    spans: [[at, at + value.length, entity]],
  };
}

/** One line of JSON. The first character of a value is escaped, or scanners of repositories would take made-up keys for real ones. */
export function formatLabelled({ text, spans }: LabelledText): string {
  const starts = new Set(spans.map(([start]) => start));
  const written = Array.from({ length: text.length }, (_, at) =>
    starts.has(at)
      ? `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`
      : JSON.stringify(text.charAt(at)).slice(1, -1),
  );
  return `{"text":"${written.join('')}","spans":${JSON.stringify(spans)}}`;
}
