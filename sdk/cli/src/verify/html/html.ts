import { escapeText } from '../../terminal/escape-text.ts';

/** Markup that is safe to put into a page: only `html` makes it. */
export type Html = { readonly markup: string };

type Part = Html | string | number | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Whatever is put into the template is text, and stays it, unless `html` made it. Attackers choose what ledgers hold. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const markup = template.reduce(
    (text, piece, at) => text + piece + (at < parts.length ? markupOf(parts[at] as Part) : ''),
    '',
  );
  return { markup };
}

function markupOf(part: Part): string {
  if (typeof part === 'string')
    return escapeText(part).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  if (typeof part === 'number') return part.toLocaleString('en-US');
  if ('markup' in part) return part.markup;
  return part.map(({ markup }) => markup).join('');
}
